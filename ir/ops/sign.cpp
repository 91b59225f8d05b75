#include "ir/op_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return (a > 0) - (a < 0); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = sign %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_sign;
const OpDef op_sign = {
    .name = "sign",
    .doc = "-1, 0 or 1; the sign of zero, of -0 and of NaN is 0.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = rules::sameNumber,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
