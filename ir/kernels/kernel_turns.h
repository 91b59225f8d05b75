//===- ir/kernels/kernel_turns.h - What threads share of a kernel ---------===//
#ifndef NNC_IR_KERNELS_KERNEL_TURNS_H
#define NNC_IR_KERNELS_KERNEL_TURNS_H

#include "ir/kernels/kernel_packs.h"

namespace nnc {

/// The turns of a loop that the threads of a kernel share.
struct KernelTurns {
  size_t axis; ///< Over whose tiles the loop goes.
  /// If set, over the tiles of the first axis also: for each of these there are
  /// turns of so many tiles of `axis`. Axes between the two are one tile each.
  std::optional<int64_t> tiles = std::nullopt;
};

KernelTurns turnsOf(const KernelTiles &axes, const std::vector<Nest> &nests,
                    const KernelDepths &depths, const KernelValues &values,
                    const KernelPacks &packs);

} // namespace nnc

#endif // NNC_IR_KERNELS_KERNEL_TURNS_H
