#include "ir/op_rules.h"

#include <cmath>
#include <numbers>

namespace nnc {

static void gradient(GradientContext &c) {
  // 2/sqrt(pi) * exp(-a*a)
  Builder &b = c.builder;
  Value *a = c.operand(0);
  Value *factor = b.constant(2 / std::sqrt(std::numbers::pi), a->type());
  Value *bell = b.op("exp", {b.op("neg", {b.op("mul", {a, a})})});
  c.give(0, b.op("mul", {c.cotangent(), b.op("mul", {factor, bell})}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::erf(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = erf %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_erf;
const OpDef op_erf = {
    .name = "erf",
    .doc = "The error function.",
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
