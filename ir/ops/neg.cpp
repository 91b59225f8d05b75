#include "ir/op_rules.h"

namespace nnc {

static void gradient(GradientContext &c) {
  c.give(0, c.builder.op("neg", {c.cotangent()}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return -a; });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = neg %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_neg;
const OpDef op_neg = {
    .name = "neg",
    .doc = "The negative.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = rules::sameNumber,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
