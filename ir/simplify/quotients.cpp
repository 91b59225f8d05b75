#include "ir/simplify/rules.h"

#include <algorithm>
#include <cmath>

namespace nnc::simplify {

/// Whether g / s overflows, or becomes 0, only for a g that is extreme itself:
/// x / 1e-38 * 100 = 0 for x = 0, but 100 / 1e-38 is infinite. A root of an f32
/// is between 1e-23 and 1e20, or 0 or infinite as its square is.
static bool isModerate(const Value *s) {
  const Op *op = s->definingOp();
  while (op && op->is("reshape"))
    op = op->operand(0)->definingOp();
  if (!op || !op->is("constant"))
    return op && op->is("sqrt");
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

static constexpr RewriteRule rules[] = {
    {"quotient-to-factor", "mul",
     "x / s * g = x * (g / s), where s, a root or a number, and g are the same "
     "for many elements",
     quotientToFactor},
};

const std::span<const RewriteRule> quotientRules = rules;

} // namespace nnc::simplify
