//===- ir/kernels/sums_reader.h - What follows sums -----------------------===//
#ifndef NNC_IR_KERNELS_SUMS_READER_H
#define NNC_IR_KERNELS_SUMS_READER_H

#include "ir/kernels/nest.h"

namespace nnc {

/// The elementwise nest that alone reads the sums of a stencil or a product,
/// place by place, such as its norm and activation, so that it may take them
/// from registers. Null if there is none, or if it calls functions, which take
/// the registers themselves.
const Nest *sumsReader(const Nest &summing, const std::vector<Nest> &nests);

} // namespace nnc

#endif // NNC_IR_KERNELS_SUMS_READER_H
