#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  c.give(0, b.op("mul", {c.cotangent(), b.op("sign", {c.operand(0)})}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::abs(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = abs %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_abs;
const OpDef op_abs = {
    .name = "abs",
    .doc = "The absolute value. The derivative at 0 is 0.",
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
