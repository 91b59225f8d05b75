#include "ir/kernels/kernel_turns.h"

#include <algorithm>
#include <limits>

namespace nnc {

namespace {

class Turns {
public:
  Turns(const KernelTiles &axes, const std::vector<Nest> &nests,
        const KernelDepths &depths, const KernelValues &values,
        const KernelPacks &packs)
      : axes(axes), nests(nests), packs(packs) {
    for (const Nest &nest : nests)
      for (int64_t i = 0; i < nest.op->resultCount(); ++i)
        if (values.isGiven(nest.op->result(i)))
          firstStore = std::min(firstStore, depths.at(nest.op));
  }

  KernelTurns choose() const {
    if (sharesTwoAxes())
      return {1, 1};
    if (std::optional<KernelTurns> rows = sharedRows())
      return *rows;
    return {sharedAxis()};
  }

private:
  /// The first axis of more than one place; but what stands before the loop
  /// that is shared would be stored by all threads.
  size_t sharedAxis() const {
    for (size_t i = 0; i < axes.size(); ++i)
      if (!axes[i].extent.isConstant(1) || i + 1 == firstStore)
        return i;
    return 0;
  }

  /// A batch may be of one image: then its rows are shared among the threads
  /// too, if nothing is packed for all rows of an image.
  bool sharesTwoAxes() const {
    constexpr int64_t enoughTurns = 16;
    if (axes.size() < 2 || axes[0].tile != 1 || !axes[1].extent.isConstant() ||
        axes[1].extent.value() <= axes[1].tile)
      return false;
    if (axes[0].extent.isConstant() && axes[0].extent.value() >= enoughTurns)
      return false;
    return firstStore > 1 && hasWork() &&
           std::ranges::none_of(nests, [&](const Nest &nest) {
             return packs.has(nest) && packs.levelOf(nest) == 1;
           });
  }

  /// Whether a turn of the first axis is worth sharing.
  bool hasWork() const {
    constexpr int64_t manyPoints = 1 << 16;
    int64_t points = 1;
    for (size_t i = 1; i < axes.size(); ++i)
      points *= axes[i].extent.isConstant() ? axes[i].extent.value() : 1;
    return points >= manyPoints ||
           std::ranges::any_of(
               nests, [](const Nest &nest) { return nest.isContraction(); });
  }

  /// A batch may be of one, and B be packed for all rows of the first axis that
  /// is longer: then each of some turns of these packs it anew.
  std::optional<KernelTurns> sharedRows() const {
    constexpr int64_t fewestRows = 128, manyRows = 1024;
    if (axes.size() < 2 || axes[0].extent.isConstant() || nests.empty() ||
        !packs.has(nests[0]))
      return std::nullopt;
    size_t i = 1;
    while (i + 1 < axes.size() && axes[i].extent.isConstant() &&
           axes[i].extent.value() <= axes[i].tile)
      ++i;
    const TileAxis &axis = axes[i];
    if (!axis.extent.isConstant() || axis.extent.value() < fewestRows ||
        ContractionRoles(nests[0]).m != axis.name || firstStore <= i)
      return std::nullopt;
    for (const Nest &nest : nests)
      if (packs.has(nest) && packs.levelOf(nest) > i)
        return std::nullopt;
    int64_t turns = axis.extent.value() < manyRows ? 2 : 4;
    int64_t tiles = axis.extent.ceilDiv(axis.tile).value();
    return KernelTurns{i, (tiles + turns - 1) / turns};
  }

  const KernelTiles &axes;
  const std::vector<Nest> &nests;
  const KernelPacks &packs;
  /// How many loops have begun where the first nest runs that gives a result of
  /// the kernel.
  size_t firstStore = std::numeric_limits<size_t>::max();
};

} // namespace

KernelTurns turnsOf(const KernelTiles &axes, const std::vector<Nest> &nests,
                    const KernelDepths &depths, const KernelValues &values,
                    const KernelPacks &packs) {
  return Turns(axes, nests, depths, values, packs).choose();
}

} // namespace nnc
