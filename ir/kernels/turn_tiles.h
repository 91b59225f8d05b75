//===- ir/kernels/turn_tiles.h - What a turn takes without a product ------===//
#ifndef NNC_IR_KERNELS_TURN_TILES_H
#define NNC_IR_KERNELS_TURN_TILES_H

#include "ir/kernels/nest.h"
#include "ir/pass.h"

namespace nnc {

/// How many places of each axis.
using TurnTiles = std::map<std::string, int64_t>;

/// Of a kernel without products of the micro-kernel: `axes` are its own,
/// `smallProducts` what products it has.
TurnTiles turnTiles(const Op &kernel, const std::vector<NestAxis> &axes,
                    const std::vector<Nest> &smallProducts,
                    const Machine &machine, const AttrDict &expected);

} // namespace nnc

#endif // NNC_IR_KERNELS_TURN_TILES_H
