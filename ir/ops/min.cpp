#include "ir/choice_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) { rules::choiceGradient(c, "le"); }

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(
      c, [](double a, double b) { return std::isnan(a) || a < b ? a : b; });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 3]) {
  %y = min %a, %b : f32[B, 3]
  return %y
}
)",
    R"(
func @with_a_constant(%x: f32[B, 3]) {
  %c = constant {value = 1.0} : f32[B, 3]
  %y = min %c, %x : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_min;
const OpDef op_min = {
    .name = "min",
    .doc = "The smaller of two elements; NaN if either is NaN. Where both are "
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
