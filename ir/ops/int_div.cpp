#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(
      c, [](double a, double b) { return b == 0 ? 0 : std::floor(a / b); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: i32[B, 3], %b: i32[B, 3]) {
  %y = int_div %a, %b : i32[B, 3]
  return %y
}
)"};

extern const OpDef op_int_div;
const OpDef op_int_div = {
    .name = "int_div",
    .doc =
        "The quotient of integers, rounded towards minus infinity; 0 where the "
        "divisor is 0.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {2, 2},
    .shape = rules::sameInteger,
    .gradient = "it computes with integers",
    .evaluate = evaluate,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
