#include "ir/kernels/fusion_group.h"

#include <algorithm>

namespace nnc {

bool FusionGroup::hasAxis(std::string_view name) const {
  return std::any_of(axes.begin(), axes.end(),
                     [&](const NestAxis &axis) { return axis.name == name; });
}

std::set<std::string> FusionGroup::axisNames() const {
  std::set<std::string> names;
  for (const NestAxis &axis : axes)
    names.insert(axis.name);
  return names;
}

bool FusionGroup::contains(const Op *op) const {
  return std::ranges::find(ops, op) != ops.end();
}

bool FusionGroup::hasProduct() const {
  return std::ranges::any_of(
      ops, [](Op *op) { return op->is("nest") && Nest(op).isProduct(); });
}

bool FusionGroup::hasContraction() const {
  return std::ranges::any_of(ops,
                             [](Op *op) { return Nest(op).isContraction(); });
}

bool readsOf(const Op &op, const FusionGroup &group) {
  return std::ranges::any_of(op.operands(), [&](const Value *operand) {
    return group.contains(operand->definingOp());
  });
}

Coincidence coincide(const FusionGroup &group, const Nest &nest) {
  Coincidence result;
  auto &[match, lost, hasOtherOrder] = result;
  for (int64_t i = 0; i < nest.loadCount(); ++i) {
    Value *value = nest.op->operand(i);
    if (!group.contains(value->definingOp()))
      continue;
    Nest producer(value->definingOp());
    const Shape &written = producer.results[value->index()];
    for (size_t d = 0; d < written.size(); ++d) {
      std::optional<std::string> axis = written[d].asSymbol();
      if (!axis || !group.hasAxis(*axis))
        continue;
      // There is one place along it only.
      if (value->type().dim(d).isConstant(1) && nest.maps[i][d].isConstant(0))
        continue;
      std::optional<std::string> read = nest.maps[i][d].asSymbol();
      const NestAxis *mine = read ? nest.findParallel(*read) : nullptr;
      if (!mine || nest.fill[i] || !(mine->extent == value->type().dim(d))) {
        lost.insert(*axis);
        continue;
      }
      auto [known, isNew] = match.emplace(*axis, *read);
      if (!isNew && known->second != *read) {
        hasOtherOrder = true;
        lost.insert(*axis);
      }
    }
  }
  std::set<std::string> taken;
  for (const NestAxis &axis : group.axes) {
    auto found = match.find(axis.name);
    if (found == match.end() || !taken.insert(found->second).second)
      lost.insert(axis.name);
  }
  return result;
}

std::optional<Nest::AxisNames> sharedTiles(const FusionGroup &group,
                                           const FusionGroup &other) {
  if (other.isClosed || (other.hasContraction() && group.hasContraction()))
    return std::nullopt;
  if (other.axes.empty()) {
    bool isNumber = other.ops.size() == 1 && !Nest(other.ops[0]).isReduction();
    return isNumber ? std::optional<Nest::AxisNames>(std::in_place)
                    : std::nullopt;
  }
  if (other.axes.size() != group.axes.size())
    return std::nullopt;
  std::optional<Nest::AxisNames> names;
  for (Op *op : group.ops) {
    if (!readsOf(*op, other))
      continue;
    Coincidence found = coincide(other, Nest(op));
    Nest::AxisNames each(found.match.begin(), found.match.end());
    if (!found.lost.empty() || (names && *names != each))
      return std::nullopt;
    names = each;
  }
  if (!names)
    return std::nullopt;
  for (const auto &[axis, name] : *names)
    if (!group.hasAxis(name))
      return std::nullopt;
  return names;
}

} // namespace nnc
