#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  c.give(0, b.op("mul", {c.cotangent(), b.op("cos", {c.operand(0)})}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::sin(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = sin %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_sin;
const OpDef op_sin = {
    .name = "sin",
    .doc = "The sine of an angle in radians.",
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
