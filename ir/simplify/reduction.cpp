#include "ir/op_def.h"
#include "ir/simplify/rules.h"

#include <algorithm>

namespace nnc::simplify {

/// Along axes of 1 (or none) there is nothing to combine.
static bool overAxesOfOne(Op &op, Rewriter &r) {
  for (int64_t axis : op.attr("axes").asInts())
    if (!op.operand(0)->type().dim(axis).isConstant(1))
      return false;
  return r.replace(op,
                   r.op("reshape", {op.operand(0)}, {}, {op.result()->type()}));
}

/// max and min are the same in every order, so two of them are one. Sums are
/// not: their order is the program's.
static bool reduceOfReduce(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, op.name());
  if (!inner)
    return false;
  std::vector<int64_t> axes = inner->attr("axes").asInts(), left;
  for (int64_t axis = 0; axis < inner->operand(0)->type().rank(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end())
      left.push_back(axis);
  for (int64_t axis : op.attr("axes").asInts())
    axes.push_back(left[axis]);
  std::sort(axes.begin(), axes.end());
  return r.replace(
      op, r.op(op.name(), {inner->operand(0)}, {{"axes", Attr::ints(axes)}}));
}

/// Of equal elements the greatest is any of them: the axes that a broadcast
/// adds need not be reduced.
static bool extremumOfBroadcast(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "broadcast");
  if (!inner)
    return false;
  std::vector<int64_t> reduced = op.attr("axes").asInts(), axes, kept, place;
  int64_t next = 0;
  for (int64_t axis = 0; axis < inner->result()->type().rank(); ++axis)
    place.push_back(std::count(reduced.begin(), reduced.end(), axis) ? -1
                                                                     : next++);
  std::vector<int64_t> from = inner->attr("axes").asInts();
  for (size_t i = 0; i < from.size(); ++i)
    if (place[from[i]] < 0)
      axes.push_back(static_cast<int64_t>(i));
    else
      kept.push_back(place[from[i]]);
  if (axes.size() == reduced.size())
    return false;
  Value *value = inner->operand(0);
  if (!axes.empty())
    value = r.op(op.name(), {value}, {{"axes", Attr::ints(axes)}});
  return r.replace(op, r.op("broadcast", {value}, {{"axes", Attr::ints(kept)}},
                            {op.result()->type()}));
}

/// n times c, if n is a small number: rounds once instead of n times.
static bool sumOfSplat(Op &op, Rewriter &r) {
  std::optional<double> splat = splatOf(op.operand(0));
  if (!splat)
    return false;
  Dim count = 1;
  for (int64_t axis : op.attr("axes").asInts())
    count = count * op.operand(0)->type().dim(axis);
  if (!count.isConstant() || count.value() > 1 << 24)
    return false;
  double sum = *splat * static_cast<double>(count.value());
  return r.replace(op, r.constant(sum, op.result()->type()));
}

// clang-format off
static const RewriteRule rules[] = {
    {"sum-ones", "sum", "sum x = x, over axes of 1", overAxesOfOne},
    {"sum-splat", "sum", "sum of n times c = n * c", sumOfSplat},
    {"product-ones", "product", "product x = x, over axes of 1", overAxesOfOne},
    {"reduce-max-ones", "reduce_max", "max x = x, over axes of 1", overAxesOfOne},
    {"reduce-max-twice", "reduce_max", "max (max x) = max x", reduceOfReduce},
    {"reduce-max-broadcast", "reduce_max", "max (broadcast x) = broadcast (max x)", extremumOfBroadcast},
    {"reduce-min-ones", "reduce_min", "min x = x, over axes of 1", overAxesOfOne},
    {"reduce-min-twice", "reduce_min", "min (min x) = min x", reduceOfReduce},
    {"reduce-min-broadcast", "reduce_min", "min (broadcast x) = broadcast (min x)", extremumOfBroadcast},
};
// clang-format on

const std::span<const RewriteRule> reductionRules = rules;

} // namespace nnc::simplify
