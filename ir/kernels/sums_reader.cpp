#include "ir/kernels/sums_reader.h"

#include <algorithm>

namespace nnc {

/// With 0 in the place of axes of one element, which one nest may have and the
/// other not.
static Shape withoutUnits(const Shape &map, const Nest &nest) {
  Shape result;
  for (const Dim &entry : map)
    result.push_back(
        entry.substitute([&](std::string_view name) -> std::optional<Dim> {
          const NestAxis *axis = nest.findParallel(name);
          return axis && axis->extent.isConstant(1) ? std::optional<Dim>(0)
                                                    : std::nullopt;
        }));
  return result;
}

static bool haveSameAxes(const Nest &a, const Nest &b) {
  auto hasAll = [](const Nest &one, const Nest &other) {
    return std::ranges::all_of(one.parallel, [&](const NestAxis &axis) {
      const NestAxis *found = other.findParallel(axis.name);
      return axis.extent.isConstant(1) ||
             (found && found->extent == axis.extent);
    });
  };
  return hasAll(a, b) && hasAll(b, a);
}

/// Whether nothing else that `reader` loads comes behind the sums.
static bool isReady(const Nest &summing, const Nest &reader,
                    const std::vector<Nest> &nests) {
  auto place = std::ranges::find(nests, summing.op, &Nest::op);
  return std::none_of(place + 1, nests.end(), [&](const Nest &other) {
    return std::ranges::any_of(reader.op->operands(), [&](Value *operand) {
      return operand->definingOp() == other.op;
    });
  });
}

const Nest *sumsReader(const Nest &summing, const std::vector<Nest> &nests) {
  if (!(summing.isStencil() || summing.isProduct()) ||
      summing.isCorrelation() || summing.transformMatrix())
    return nullptr;
  const Value *sums = summing.op->result();
  if (sums->uses().size() != 1)
    return nullptr;
  auto [user, load] = sums->uses()[0];
  auto found = std::ranges::find(nests, user, &Nest::op);
  if (found == nests.end() || found->isReduction() || !found->loaded.empty() ||
      user->resultCount() != 1 ||
      user->result()->type().elem() != sums->type().elem())
    return nullptr;
  Shape place = withoutUnits(summing.results[0], summing);
  bool isSamePlace = haveSameAxes(summing, *found) &&
                     withoutUnits(found->maps[load], *found) == place &&
                     withoutUnits(found->results[0], *found) == place;
  bool usesIndex =
      std::ranges::any_of(found->body().operations(),
                          [](const auto &op) { return op->is("axis"); });
  return isSamePlace && !usesIndex && functionCount(found->body()) == 0 &&
                 isReady(summing, *found, nests)
             ? &*found
             : nullptr;
}

} // namespace nnc
