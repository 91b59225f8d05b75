#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::nearbyint(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = round %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_round;
const OpDef op_round = {
    .name = "round",
    .doc = "The nearest whole number; half-way, the even one.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = rules::sameFloat,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
