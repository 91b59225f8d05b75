//===- ir/kernels/product_tiles.h - How a product's kernel is scheduled ---===//
#ifndef NNC_IR_KERNELS_PRODUCT_TILES_H
#define NNC_IR_KERNELS_PRODUCT_TILES_H

#include "ir/kernels/contraction.h"
#include "ir/pass.h"

namespace nnc {

/// The schedule of a kernel in terms of its first product (ContractionRoles).
/// 0: the kernel has no such axis.
struct ProductTiles {
  int64_t rows = 0;        ///< Of the result, in a turn.
  int64_t columns = 0;     ///< Likewise.
  int64_t lines = 0;       ///< Rows of an image that are joined.
  int64_t images = 0;      ///< That are joined.
  bool packsWhole = false; ///< All of B, once for all rows.

  bool operator==(const ProductTiles &) const = default;
};

/// The first product of a kernel whose tiles may be chosen; null if there is
/// none.
Op *tiledProduct(const Op &kernel);

/// Of a kernel that has a tiled product and is scheduled.
ProductTiles tilesOf(const Op &kernel);

/// Gives it another schedule, which has to fit. No value that it computes
/// changes: each element is summed in the order of the summed axes.
void setTiles(Op &kernel, const ProductTiles &tiles);

/// Why the kernel cannot have this schedule: "rows: ..."; "" if it can.
std::string whyUnfit(const Op &kernel, const ProductTiles &tiles,
                     const Machine &machine, const AttrDict &expected);

/// Schedules near to the one that the kernel has, which is the first.
std::vector<ProductTiles> tilesToTry(const Op &kernel, const Machine &machine,
                                     const AttrDict &expected);

} // namespace nnc

#endif // NNC_IR_KERNELS_PRODUCT_TILES_H
