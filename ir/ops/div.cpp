#include "ir/op_rules.h"

namespace nnc {

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  Value *share = b.op("div", {c.cotangent(), c.operand(1)});
  c.give(0, share);
  if (c.wants(1))
    c.give(1, b.op("neg", {b.op("mul", {share, c.result()})}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(c, [](double a, double b) { return a / b; });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 3]) {
  %y = div %a, %b : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_div;
const OpDef op_div = {
    .name = "div",
    .doc = "The quotient of floats, element by element.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {2, 2},
    .shape = rules::sameFloat,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
