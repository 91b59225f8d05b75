//===- ir/kernels/kernel_tiles.h - A kernel's loops over tiles ------------===//
#ifndef NNC_IR_KERNELS_KERNEL_TILES_H
#define NNC_IR_KERNELS_KERNEL_TILES_H

#include "ir/kernels/nest.h"
#include "ir/kernels/nest_code.h"

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

} // namespace nnc

#endif // NNC_IR_KERNELS_KERNEL_TILES_H
