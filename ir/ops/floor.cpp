#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::floor(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = floor %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_floor;
const OpDef op_floor = {
    .name = "floor",
    .doc = "The largest whole number that is not above the element.",
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
