#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  // a >= b as a >= max(a, b): of relu, max(0, x), the result is kept anyway,
  // and x need not be.
  Value *second = c.wants(0) ? c.operand(1) : c.result();
  Value *first = b.op("compare", {c.operand(0), second}, {{"predicate", "ge"}});
  Value *zero = b.constant(0, c.result()->type());
  if (c.wants(0))
    c.give(0, b.op("select", {first, c.cotangent(), zero}));
  if (c.wants(1))
    c.give(1, b.op("select", {first, zero, c.cotangent()}));
}

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
