#include "ir/op_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(c, [](double a, double b) { return a != 0 || b != 0; });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: bool[B, 3], %b: bool[B, 3]) {
  %y = or %a, %b : bool[B, 3]
  return %y
}
)"};

extern const OpDef op_or;
const OpDef op_or = {
    .name = "or",
    .doc = "True where either is.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {2, 2},
    .shape = rules::sameBool,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
