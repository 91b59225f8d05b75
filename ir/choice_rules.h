//===- ir/choice_rules.h - Rules that max and min share -------------------===//
#ifndef NNC_IR_CHOICE_RULES_H
#define NNC_IR_CHOICE_RULES_H

#include "ir/op_rules.h"

namespace nnc::rules {

/// The derivative goes to the operand that was chosen: to the first where
/// `predicate` holds between it and the second.
void choiceGradient(GradientContext &c, const char *predicate);

} // namespace nnc::rules

#endif // NNC_IR_CHOICE_RULES_H
