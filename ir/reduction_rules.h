//===- ir/reduction_rules.h - Rules that ops along axes share -------------===//
#ifndef NNC_IR_REDUCTION_RULES_H
#define NNC_IR_REDUCTION_RULES_H

#include "ir/op_rules.h"

namespace nnc::rules {

using Axes = std::vector<int64_t>;

/// The axes below `rank` that are not in `axes`.
Axes otherAxes(int64_t rank, const Axes &axes);
Shape pick(const Shape &shape, const Axes &axes);
/// The operand's type if it is a tensor of numbers.
Inference numbers(const Op &op);
/// The same, if it has the axis that the attribute `axis` says.
Inference numbersAlongAxis(const Op &op);
/// Empty, or what is wrong with the attribute `axis` for this rank.
std::string checkAxis(const Op &op, int64_t rank);

/// The operand's type without the axes that `axes` names; they ascend.
Inference reduction(const Op &op, std::span<const Type> stated);
/// Repeats a value that was reduced along `axes` so that it has `shape`.
Value *unreduce(Builder &builder, Value *value, const Axes &axes,
                const Shape &shape);
/// The i32 place of each element of `shape` in the order of its elements along
/// `axes`, of which there is at least one.
Value *placeAlong(Builder &builder, const Axes &axes, const Shape &shape);

/// Gives the derivative to the first element, in order, that equals the
/// result; `worse` is the predicate of `compare` that holds for the others.
void giveToFirst(GradientContext &c, const char *worse);

/// One nest; `combine` as in NestSpec.
void lowerReduction(LoweringContext &c, const char *combine);

/// Where the largest (or else the smallest) of no elements starts: an infinity,
/// or the end of an integer's range.
double worst(Elem elem, bool forLargest);

/// Calls `visit(from, to)` with the place of each operand element, in order,
/// and the place of the result element that it goes to.
template <typename F> void forEachReduced(EvaluationContext &c, F visit) {
  const Tensor &operand = *c.operands[0];
  const Tensor &result = c.results[0];
  if (operand.size() == 0)
    return;
  Axes kept = otherAxes(operand.rank(), c.op.attr("axes").asInts());
  Extents index(operand.shape.size(), 0), place(kept.size());
  int64_t from = 0;
  do {
    for (size_t i = 0; i < kept.size(); ++i)
      place[i] = index[kept[i]];
    visit(from++, result.offset(place));
  } while (advance(index, operand.shape));
}

/// Starts each result element as `start` and applies `function(so far,
/// element)`.
template <typename F>
void evaluateReduction(EvaluationContext &c, double start, F function) {
  Tensor &result = c.results[0];
  std::fill(result.data.begin(), result.data.end(), start);
  forEachReduced(c, [&](int64_t from, int64_t to) {
    result.data[to] = function(result.data[to], c.operands[0]->data[from]);
  });
}

/// The attribute `axes` of a reduction.
inline constexpr AttrSpec reductionAttrs[] = {
    {"axes", AttrForm::Ints, true, "The axes that go, ascending."}};

} // namespace nnc::rules

#endif // NNC_IR_REDUCTION_RULES_H
