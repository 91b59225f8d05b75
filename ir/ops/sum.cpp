#include "ir/reduction_rules.h"

namespace nnc {

static void gradient(GradientContext &c) {
  c.give(0,
         rules::unreduce(c.builder, c.cotangent(), c.op.attr("axes").asInts(),
                         c.operand(0)->type().shape()));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateReduction(c, 0, [](double sum, double a) { return sum + a; });
}

static void lower(LoweringContext &c) { rules::lowerReduction(c, "add"); }

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3, 2]) {
  %y = sum %a {axes = [0, 2]} : f32[3]
  %z = sum %a {axes = [1]} : f32[B, 2]
  return %y, %z
}
)"};

extern const OpDef op_sum;
const OpDef op_sum = {
    .name = "sum",
    .doc = "The sum along axes.",
    .kind = OpKind::Reduction,
    .stages = Graph,
    .operands = {1, 1},
    .attrs = rules::reductionAttrs,
    .shape = rules::reduction,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
