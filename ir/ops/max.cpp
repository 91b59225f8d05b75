#include "ir/choice_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) { rules::choiceGradient(c, "ge"); }

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(
      c, [](double a, double b) { return std::isnan(a) || a > b ? a : b; });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 3]) {
  %y = max %a, %b : f32[B, 3]
  return %y
}
)",
    R"(
func @with_a_constant(%x: f32[B, 3]) {
  %c = constant {value = 0.0} : f32[B, 3]
  %y = max %c, %x : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_max;
const OpDef op_max = {
    .name = "max",
    .doc = "The larger of two elements; NaN if either is NaN. Where both are "
           "equal, "
           "the derivative goes to the first.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {2, 2},
    .shape = rules::sameNumber,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
