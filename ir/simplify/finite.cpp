#include "ir/simplify/rules.h"

namespace nnc::simplify {

// Note [What --assume-finite allows]
// What holds where no NaN and no infinity arises, and nothing is divided by 0;
// the sign of a zero may change. Nothing is rounded more often, and no sum is
// put in another order: (x + y) - y stays, which may be there to round x.

static bool isFloatOp(const Op &op) {
  return isFloat(op.result()->type().elem());
}

static bool isZero(const Value *value) {
  return isSplat(value, 0) || isSplat(value, -0.0);
}

static bool addZero(Op &op, Rewriter &r) {
  return isZero(op.operand(1)) && r.replace(op, op.operand(0));
}

static bool zeroSub(Op &op, Rewriter &r) {
  return isZero(op.operand(0)) && r.replace(op, r.op("neg", {op.operand(1)}));
}

static bool subItself(Op &op, Rewriter &r) {
  return isFloatOp(op) && op.operand(0) == op.operand(1) &&
         r.replace(op, r.constant(0, op.result()->type()));
}

static bool mulZero(Op &op, Rewriter &r) {
  return isZero(op.operand(1)) &&
         r.replace(op, r.constant(0, op.result()->type()));
}

static bool zeroDiv(Op &op, Rewriter &r) {
  return isZero(op.operand(0)) &&
         r.replace(op, r.constant(0, op.result()->type()));
}

static bool divItself(Op &op, Rewriter &r) {
  return op.operand(0) == op.operand(1) &&
         r.replace(op, r.constant(1, op.result()->type()));
}

/// (x / y) * y = x.
static bool quotientTimesDivisor(Op &op, Rewriter &r) {
  for (int64_t i : {0, 1}) {
    Op *quotient = operandOp(op, i, "div");
    if (quotient && quotient->operand(1) == op.operand(1 - i))
      return r.replace(op, quotient->operand(0));
  }
  return false;
}

/// (x * y) / y = x.
static bool productOverFactor(Op &op, Rewriter &r) {
  Op *product = operandOp(op, 0, "mul");
  for (int64_t i = 0; product && i < 2; ++i)
    if (product->operand(i) == op.operand(1))
      return r.replace(op, product->operand(1 - i));
  return false;
}

// clang-format off
static constexpr RewriteRule rules[] = {
    {"finite-add-zero", "add", "x + 0 = x", addZero},
    {"finite-zero-sub", "sub", "0 - x = neg x", zeroSub},
    {"finite-sub-itself", "sub", "x - x = 0", subItself},
    {"finite-mul-zero", "mul", "x * 0 = 0", mulZero},
    {"finite-zero-div", "div", "0 / x = 0", zeroDiv},
    {"finite-div-itself", "div", "x / x = 1", divItself},
    {"finite-mul-quotient", "mul", "(x / y) * y = x", quotientTimesDivisor},
    {"finite-product-div", "div", "(x * y) / y = x", productOverFactor},
};
// clang-format on

const std::span<const RewriteRule> finiteRules = rules;

} // namespace nnc::simplify
