#include "ir/op_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return a == 0; });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: bool[B, 3]) {
  %y = not %a : bool[B, 3]
  return %y
}
)"};

extern const OpDef op_not;
const OpDef op_not = {
    .name = "not",
    .doc = "True where the operand is false.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = rules::sameBool,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
