//===- ir/kernels/collapse.h - Two axes of a nest as one ------------------===//
//
// Rows that are shorter than a vector fill it in part. Where a row begins
// behind the end of the one before it, in all that a nest loads and stores,
// both axes are one long axis: so an image of 7 x 7 is 49 elements, and the
// weights of many channels, 3 x 3 each, are one row.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_COLLAPSE_H
#define NNC_IR_KERNELS_COLLAPSE_H

#include "ir/kernels/nest_loops.h"

namespace nnc {

/// The same nest with fewer axes, from the last two on, as far as that goes.
NestCode collapsed(LoopBuilder &loops, const NestCode &code);

} // namespace nnc

#endif // NNC_IR_KERNELS_COLLAPSE_H
