#include "ir/simplify/rules.h"

namespace nnc::simplify {

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
    Value *both = r.op("broadcast", {r.op("div", {g, s})},
                       {{"axes", factor->attr("axes")}}, {op.result()->type()});
    return r.replace(op, r.op("mul", {quotient->operand(0), both}));
  }
  return false;
}

static constexpr RewriteRule rules[] = {
    {"quotient-to-factor", "mul",
     "x / s * g = x * (g / s), where s and g are the same for many elements",
     quotientToFactor},
};

const std::span<const RewriteRule> quotientRules = rules;

} // namespace nnc::simplify
