#include "ir/op_def.h"
#include "ir/simplify/rules.h"

namespace nnc::simplify {

/// x, if the value is exp(-x).
static Value *exponentOf(const Op &op, int64_t i) {
  Op *exp = operandOp(op, i, "exp");
  Op *neg = exp ? operandOp(*exp, 0, "neg") : nullptr;
  return neg ? neg->operand(0) : nullptr;
}

/// Operand `i`, if it is sigmoid(x) and the other one is exp(-x).
static Value *sigmoidBeside(const Op &op, int64_t i) {
  Op *sigmoid = operandOp(op, i, "sigmoid");
  Value *x = exponentOf(op, 1 - i);
  return sigmoid && sigmoid->operand(0) == x ? sigmoid->result() : nullptr;
}

static Value *oneMinus(Value *x, Rewriter &r) {
  return r.op("sub", {r.constant(1, x->type()), x});
}

/// s * exp(-x) = 1 - s, where s = sigmoid(x) = 1 / (1 + exp(-x)).
static bool sigmoidTimesExp(Op &op, Rewriter &r) {
  for (int64_t i = 0; i < 2; ++i)
    if (Value *s = sigmoidBeside(op, i))
      return r.replace(op, oneMinus(s, r));
  return false;
}

/// (s * s) * exp(-x) = s * (1 - s).
static bool sigmoidSquaredTimesExp(Op &op, Rewriter &r) {
  for (int64_t i = 0; i < 2; ++i) {
    Op *square = operandOp(op, i, "mul");
    Value *x = exponentOf(op, 1 - i);
    if (!square || square->operand(0) != square->operand(1))
      continue;
    Op *sigmoid = operandOp(*square, 0, "sigmoid");
    if (sigmoid && sigmoid->operand(0) == x)
      return r.replace(
          op, r.op("mul", {sigmoid->result(), oneMinus(sigmoid->result(), r)}));
  }
  return false;
}

static bool differenceWithSquare(Op &op, Rewriter &r) {
  Op *square = operandOp(op, 1, "mul");
  Value *x = op.operand(0);
  return square && square->operand(0) == x && square->operand(1) == x &&
         r.replace(op, r.op("mul", {x, oneMinus(x, r)}));
}

static bool twice(Op &op, Rewriter &r) {
  Value *x = op.operand(0);
  return isFloat(x->type().elem()) && x == op.operand(1) &&
         r.replace(op, r.op("mul", {x, r.constant(2, x->type())}));
}

/// x * (c / n) = (x * c) / n; the quotient may be broadcast.
static bool timesQuotient(Op &op, Rewriter &r) {
  for (int64_t i = 0; i < 2; ++i) {
    Op *broadcast = operandOp(op, i, "broadcast");
    Op *quotient =
        broadcast ? operandOp(*broadcast, 0, "div") : operandOp(op, i, "div");
    std::optional<double> c =
        quotient ? splatOf(quotient->operand(0)) : std::nullopt;
    if (!c)
      continue;
    Value *x = op.operand(1 - i), *n = quotient->operand(1);
    if (broadcast)
      n = r.op("broadcast", {n}, broadcast->attrs,
               {broadcast->result()->type()});
    Value *product = r.op("mul", {x, r.constant(*c, x->type())});
    return r.replace(op, r.op("div", {product, n}));
  }
  return false;
}

static bool negatedConstant(Op &op, Rewriter &r) {
  Op *quotient = operandOp(op, 0, "div");
  std::optional<double> c =
      quotient ? splatOf(quotient->operand(0)) : std::nullopt;
  return c && r.replace(op, r.op("div", {r.constant(-*c, op.result()->type()),
                                         quotient->operand(1)}));
}

/// A sign goes outwards, where it may meet another one.
static bool signOutwards(Op &op, Rewriter &r) {
  for (int64_t i = 0; i < 2; ++i) {
    Op *neg = operandOp(op, i, "neg");
    if (!neg)
      continue;
    Value *sides[] = {op.operand(0), op.operand(1)};
    sides[i] = neg->operand(0);
    return r.replace(op, r.op("neg", {r.op(op.name(), {sides[0], sides[1]})}));
  }
  return false;
}

static bool constantIntoQuotient(Op &op, Rewriter &r) {
  Op *quotient = operandOp(op, 0, "div");
  return quotient && splatOf(op.operand(1)) &&
         r.replace(op, r.op("div",
                            {r.op("mul", {quotient->operand(0), op.operand(1)}),
                             quotient->operand(1)}));
}

static bool joinFactors(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "mul");
  std::optional<double> outer = splatOf(op.operand(1));
  std::optional<double> first =
      inner ? splatOf(inner->operand(1)) : std::nullopt;
  return first && outer && isFloat(op.result()->type().elem()) &&
         r.replace(op, r.op("mul", {inner->operand(0),
                                    r.constant(*first * *outer,
                                               op.result()->type())}));
}

// clang-format off
static const RewriteRule rules[] = {
    {"reading-twice", "add", "x + x = x * 2", twice},
    {"reading-sub-square", "sub", "x - x * x = x * (1 - x)", differenceWithSquare},
    {"reading-sigmoid-exp", "mul", "sigmoid x * exp (neg x) = 1 - sigmoid x", sigmoidTimesExp},
    {"reading-sigmoid-square-exp", "mul", "s * s * exp (neg x) = s * (1 - s), where s = sigmoid x", sigmoidSquaredTimesExp},
    {"reading-mul-quotient", "mul", "x * (c / n) = (x * c) / n", timesQuotient},
    {"reading-mul-neg", "mul", "neg x * y = x * neg y = neg (x * y)", signOutwards},
    {"reading-div-neg", "div", "neg x / y = x / neg y = neg (x / y)", signOutwards},
    {"reading-neg-quotient", "neg", "neg (c / n) = (neg c) / n", negatedConstant},
    {"reading-quotient-mul", "mul", "(x / n) * c = (x * c) / n", constantIntoQuotient},
    {"reading-mul-mul", "mul", "(x * a) * b = x * (a * b)", joinFactors},
};
// clang-format on

const std::span<const RewriteRule> readingRules = rules;

} // namespace nnc::simplify
