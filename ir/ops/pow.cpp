#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  Value *base = c.operand(0), *exponent = c.operand(1);
  const Type &type = base->type();
  Value *zero = b.constant(0, type), *one = b.constant(1, type);
  auto isZero = [&](Value *value) {
    return b.op("compare", {value, zero}, {{"predicate", "eq"}});
  };
  if (c.wants(0)) {
    // b * a^(b-1), where 0 * 0^-1 must be 0: the derivative of 1.
    Value *flat = b.op("and", {isZero(base), isZero(exponent)});
    Value *safe = b.op("select", {flat, one, base});
    Value *power = b.op("pow", {safe, b.op("sub", {exponent, one})});
    c.give(0, b.op("mul", {c.cotangent(), b.op("mul", {exponent, power})}));
  }
  if (c.wants(1)) {
    Value *safe = b.op("select", {isZero(base), one, base});
    Value *slope = b.op("mul", {c.result(), b.op("log", {safe})});
    c.give(1, b.op("mul", {c.cotangent(), slope}));
  }
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(c, [](double a, double b) { return std::pow(a, b); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 3]) {
  %y = pow %a, %b : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_pow;
const OpDef op_pow = {
    .name = "pow",
    .doc =
        "`a` to the power `b`; NaN if `a` < 0 and `b` is not a whole number. "
        "At `a` = 0 the derivative by `b` is taken as 0.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {2, 2},
    .shape = rules::sameFloat,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 4,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
