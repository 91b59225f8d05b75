#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(c, [](double a, double b) {
    return b == 0 ? a : a - b * std::floor(a / b);
  });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: i32[B, 3], %b: i32[B, 3]) {
  %y = mod %a, %b : i32[B, 3]
  return %y
}
)"};

extern const OpDef op_mod;
const OpDef op_mod = {
    .name = "mod",
    .doc = "The remainder of integers, `a - b * int_div(a, b)`: it has the "
           "sign of "
           "the divisor, and is `a` where the divisor is 0.",
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
