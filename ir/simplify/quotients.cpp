#include "ir/simplify/rules.h"

#include <algorithm>
#include <cmath>

namespace nnc::simplify {

static const Op *behindReshapes(const Value *value) {
  const Op *op = value->definingOp();
  while (op && op->is("reshape"))
    op = op->operand(0)->definingOp();
  return op;
}

static bool isRoot(const Op *op) { return op && op->is("sqrt"); }

/// Whether g / s overflows, or becomes 0, only for a g that is extreme itself:
/// x / 1e-38 * 100 = 0 for x = 0, but 100 / 1e-38 is infinite. A root of an f32
/// is between 1e-23 and 1e20, or 0 or infinite as its square is.
static bool isModerate(const Value *s) {
  const Op *op = behindReshapes(s);
  if (!op || !op->is("constant"))
    return isRoot(op);
  auto isModest = [](double value) {
    return std::abs(value) >= 1e-20 && std::abs(value) <= 1e20;
  };
  const Attr &value = op->attr("value");
  if (const DenseData *data = value.getIf<DenseData>())
    return std::all_of((*data)->begin(), (*data)->end(), isModest);
  const double *number = value.getIf<double>();
  return number && isModest(*number);
}

/// (x / s) * g, of which s and g are the same for many elements, is x * (g /
/// s): as many roundings, and a division for each s in place of one for each x.
static bool quotientToFactor(Op &op, Rewriter &r) {
  for (int64_t i = 0; i < 2; ++i) {
    Op *quotient = operandOp(op, i, "div");
    Op *factor = operandOp(op, 1 - i, "broadcast");
    Op *divisor = quotient ? operandOp(*quotient, 1, "broadcast") : nullptr;
    if (!factor || !divisor || quotient->result()->uses().size() != 1 ||
        !(factor->attr("axes") == divisor->attr("axes")))
      continue;
    Value *g = factor->operand(0), *s = divisor->operand(0);
    if (!isModerate(s))
      continue;
    Value *both = r.op("broadcast", {r.op("div", {g, s})},
                       {{"axes", factor->attr("axes")}}, {op.result()->type()});
    return r.replace(op, r.op("mul", {quotient->operand(0), both}));
  }
  return false;
}

/// Whether `quotientToFactor` will take the quotient.
static bool hasSharedFactor(const Op &quotient, const Op &divisor) {
  if (quotient.result()->uses().size() != 1)
    return false;
  const Value::Use &use = quotient.result()->uses()[0];
  const Op *factor = use.op->is("mul")
                         ? operandOp(*use.op, 1 - use.operand, "broadcast")
                         : nullptr;
  return factor && factor->attr("axes") == divisor.attr("axes");
}

/// x / s, of which s is the same for many elements, is x * (1 / s). That rounds
/// twice, so s has to be a root, which is itself rounded: a norm.
static bool quotientByRoot(Op &op, Rewriter &r) {
  Op *divisor = operandOp(op, 1, "broadcast");
  if (!divisor || !isRoot(behindReshapes(divisor->operand(0))) ||
      hasSharedFactor(op, *divisor))
    return false;
  Value *s = divisor->operand(0);
  Value *inverse = r.op("div", {r.constant(1, s->type()), s});
  return r.replace(op, r.op("mul", {op.operand(0),
                                    r.op("broadcast", {inverse}, divisor->attrs,
                                         {op.result()->type()})}));
}

static constexpr RewriteRule rules[] = {
    {"quotient-to-factor", "mul",
     "x / s * g = x * (g / s), where s, a root or a number, and g are the same "
     "for many elements",
     quotientToFactor},
    {"quotient-by-root", "div",
     "x / s = x * (1 / s), where s, a root, is the same for many elements",
     quotientByRoot},
};

const std::span<const RewriteRule> quotientRules = rules;

} // namespace nnc::simplify
