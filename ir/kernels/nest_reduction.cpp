#include "ir/kernels/nest_reduction.h"

#include <limits>

namespace nnc {

// Note [Chains of a reduction]
// A sum waits for the one before it, longer than loading the next elements
// takes. So four vectors in a row go to accumulators of their own, which are
// combined last; what is left after the last four goes to the first of them.
static constexpr int64_t chains = 4;

using Values = LoopBuilder::Values;

double NestReduction::identity() const {
  double infinity = std::numeric_limits<double>::infinity();
  if (code.combine == "max")
    return -infinity;
  if (code.combine == "min")
    return infinity;
  return code.combine == "mul" ? 1 : 0;
}

Values NestReduction::identities() {
  Values values;
  for (size_t i = 0; i < code.stores.size(); ++i) {
    double value = identity();
    if (isInteger(storedElem(i)) && value < 0)
      value = storedElem(i) == Elem::I32
                  ? static_cast<double>(std::numeric_limits<int32_t>::min())
                  : -9007199254740992.0;
    if (isInteger(storedElem(i)) && value > 1)
      value = storedElem(i) == Elem::I32
                  ? static_cast<double>(std::numeric_limits<int32_t>::max())
                  : 9007199254740992.0;
    values.push_back(loops.builder.constant(value, typeOf(storedElem(i))));
  }
  return values;
}

Values NestReduction::combined(const Values &a, const Values &b) {
  Values result;
  for (size_t i = 0; i < a.size(); ++i)
    result.push_back(loops.builder.op(code.combine, {a[i], b[i]}));
  return result;
}

Values NestReduction::reduceAxes() {
  if (code.reduce.empty())
    return point();
  return overReduced(0, identities(), [&](const Values &accumulators) {
    return combined(accumulators, point());
  });
}

Values NestReduction::overReduced(size_t i, Values accumulators,
                                  const Step &step) {
  size_t end = code.reduce.size() - (reducesLanes ? 1 : 0);
  if (i == end)
    return step(accumulators);
  const AxisRange &axis = code.reduce[i];
  if (axis.extent.isConstant(1)) {
    at[axis.name] = axis.start;
    return overReduced(i + 1, accumulators, step);
  }
  return loops.carry(axis.name, {0, axis.extent}, accumulators,
                     [&](const Dim &index, Values carried) {
                       at[axis.name] = axis.start + index;
                       return overReduced(i + 1, carried, step);
                     });
}

/// See Note [Chains of a reduction].
Values NestReduction::reduceLanes() {
  width = lanes;
  const AxisRange &axis = code.reduce.back();
  Dim whole = axis.extent.floorDiv(lanes) * lanes;
  Dim together = axis.extent.floorDiv(chains * lanes) * (chains * lanes);
  bool isShort = together.isConstant(0);
  Values first;
  for (int64_t chain = 0; chain < (isShort ? 1 : chains); ++chain)
    for (Value *value : identities())
      first.push_back(value);
  Values vectors = overReduced(0, first, [&](const Values &accumulators) {
    Values sums = accumulators;
    if (!isShort)
      sums = overRange(axis, 0, together, chains, sums);
    sums = overRange(axis, together, whole, 1, sums);
    if (axis.extent == whole)
      return sums;
    return loops.carry(axis.name, {whole, axis.extent, lanes}, sums,
                       [&](const Dim &index, Values carried) {
                         at[axis.name] = axis.start + index;
                         Values next =
                             lastLanes(chainOf(carried, 0), axis, index);
                         std::copy(next.begin(), next.end(), carried.begin());
                         return carried;
                       });
  });
  Values sum = joined(vectors);
  Values results;
  for (Value *vector : sum)
    results.push_back(
        loops.builder.op("vreduce", {vector}, {{"combine", code.combine}}));
  width = 1;
  return results;
}

/// Adds the places from `from` to `to`, `count` vectors in a turn, to as many
/// chains of `sums`.
Values NestReduction::overRange(const AxisRange &axis, const Dim &from,
                                const Dim &to, int64_t count,
                                const Values &sums) {
  if (from == to)
    return sums;
  return loops.carry(axis.name, {from, to, count * lanes}, sums,
                     [&](const Dim &index, Values carried) {
                       for (int64_t chain = 0; chain < count; ++chain) {
                         at[axis.name] = axis.start + index + chain * lanes;
                         Values next =
                             combined(chainOf(carried, chain), point());
                         std::copy(next.begin(), next.end(),
                                   carried.begin() + chain * next.size());
                       }
                       return carried;
                     });
}

Values NestReduction::chainOf(const Values &values, int64_t chain) const {
  auto first = values.begin() + chain * code.stores.size();
  return Values(first, first + code.stores.size());
}

/// Neighbouring chains first.
Values NestReduction::joined(Values values) {
  while (values.size() > code.stores.size()) {
    Values next;
    for (size_t i = 0; i < values.size() / code.stores.size(); i += 2)
      for (Value *value : combined(chainOf(values, i), chainOf(values, i + 1)))
        next.push_back(value);
    values = std::move(next);
  }
  return values;
}

/// One more turn, for lanes that are left; the others keep their value.
Values NestReduction::lastLanes(const Values &carried, const AxisRange &axis,
                                const Dim &index) {
  Dim count = axis.extent - index;
  partial = &count;
  Values next = combined(carried, point());
  partial = nullptr;
  Builder &b = loops.builder;
  Type integers = Type::vector(Elem::I32, lanes);
  Value *lane = b.op("axis", {}, {{"value", index}, {"step", 1}}, {integers});
  Value *end = b.op(
      "splat",
      {b.op("axis", {}, {{"value", axis.extent}}, {Type::scalar(Elem::I32)})},
      {}, {integers});
  Value *inside = b.op("compare", {lane, end}, {{"predicate", "lt"}});
  for (size_t i = 0; i < next.size(); ++i)
    next[i] = b.op("select", {inside, next[i], carried[i]});
  return next;
}

} // namespace nnc
