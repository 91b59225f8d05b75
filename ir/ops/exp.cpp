#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  c.give(0, c.builder.op("mul", {c.cotangent(), c.result()}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::exp(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = exp %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_exp;
const OpDef op_exp = {
    .name = "exp",
    .doc = "e to the power of each element.",
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
