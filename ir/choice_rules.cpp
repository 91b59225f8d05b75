#include "ir/choice_rules.h"

namespace nnc::rules {

void choiceGradient(GradientContext &c, const char *predicate) {
  Builder &b = c.builder;
  // a >= b as a >= max(a, b), and so for min: of relu, max(0, x), the result is
  // kept anyway, and x need not be.
  Value *second = c.wants(0) ? c.operand(1) : c.result();
  Value *first =
      b.op("compare", {c.operand(0), second}, {{"predicate", predicate}});
  Value *zero = b.constant(0, c.result()->type());
  if (c.wants(0))
    c.give(0, b.op("select", {first, c.cotangent(), zero}));
  if (c.wants(1))
    c.give(1, b.op("select", {first, zero, c.cotangent()}));
}

} // namespace nnc::rules
