//===- ir/kernels/kernel_tiles.h - A kernel's loops over tiles ------------===//
#ifndef NNC_IR_KERNELS_KERNEL_TILES_H
#define NNC_IR_KERNELS_KERNEL_TILES_H

#include "ir/kernels/nest.h"
#include "ir/kernels/nest_code.h"

#include <map>

namespace nnc {

/// An axis of the kernel: a loop over tiles.
struct TileAxis {
  std::string name;
  Dim extent;
  int64_t tile;
  Dim start = 0, count = 0; ///< Of the tile in hand.

  void begin(const Dim &at) {
    bool whole = extent.isConstant() && extent.value() % tile == 0;
    bool only = extent.isConstant() && extent.value() <= tile;
    start = at;
    count = only                 ? extent
            : whole || tile == 1 ? Dim(tile)
                                 : Dim::min(tile, extent - start);
  }
};

/// Outermost first.
using KernelTiles = std::vector<TileAxis>;

KernelTiles tilesOfKernel(const Op &kernel);
/// Null if the kernel has no such axis.
const TileAxis *findTile(const KernelTiles &tiles, std::string_view name);
/// What the tile in hand covers of the axes; of those without tiles, all.
std::vector<AxisRange> rangesOf(const KernelTiles &tiles,
                                const std::vector<NestAxis> &axes);

/// How many loops of a kernel must have begun where each of its nests runs:
/// those over its axes, and those of what it reads. What a product reads of a
/// nest before it is not computed again for each tile of the product's columns.
using KernelDepths = std::map<const Op *, size_t>;
KernelDepths depthsOf(const KernelTiles &tiles, const std::vector<Nest> &nests);

} // namespace nnc

#endif // NNC_IR_KERNELS_KERNEL_TILES_H
