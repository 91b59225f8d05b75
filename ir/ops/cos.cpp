#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  Value *slope = b.op("neg", {b.op("sin", {c.operand(0)})});
  c.give(0, b.op("mul", {c.cotangent(), slope}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::cos(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = cos %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_cos;
const OpDef op_cos = {
    .name = "cos",
    .doc = "The cosine of an angle in radians.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = rules::sameFloat,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 4,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
