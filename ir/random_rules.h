//===- ir/random_rules.h - Rules of the random ops ------------------------===//
#ifndef NNC_IR_RANDOM_RULES_H
#define NNC_IR_RANDOM_RULES_H

#include "ir/op_rules.h"
#include "ir/philox.h"

namespace nnc::rules {

/// Operands: the seed, an i64, and the step, an i32. The type is stated.
Inference random(const Op &op, std::span<const Type> stated);

/// Calls `number(bits)` for each element, where `bits(word)` gives the 24
/// random bits of a word. `bound` is that of each element: ir/error_bound.h.
void evaluateRandom(
    EvaluationContext &c,
    const std::function<double(const std::function<int32_t(int64_t)> &)>
        &number,
    double bound);

/// One nest; `number(builder, bits)` computes an element, where `bits(word)`
/// makes the bits of a word as a number of the element's type.
void lowerRandom(
    LoweringContext &c,
    const std::function<
        Value *(Builder &, const std::function<Value *(int64_t)> &)> &number);

inline constexpr AttrSpec randomAttrs[] = {
    {"place", AttrForm::Int, true,
     "Which random tensor of the program it is; equal seed, step and place "
     "give equal numbers."}};

} // namespace nnc::rules

#endif // NNC_IR_RANDOM_RULES_H
