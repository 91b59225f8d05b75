//===- ir/kernels/correlation_loops.h - Sums of products along rows -------===//
//
// A block of sums is computed together, each in 16 accumulators: for 16
// neighbouring places of a row what the block needs of both images is loaded
// once and serves all its sums. Nothing is packed. The order of arithmetic
// depends on the nest alone.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_CORRELATION_LOOPS_H
#define NNC_IR_KERNELS_CORRELATION_LOOPS_H

#include "ir/kernels/nest_loops.h"

namespace nnc {

/// A nest for which Nest::isCorrelation holds. What its parallel axes cover, if
/// that is known, is the block.
void emitCorrelation(LoopBuilder &loops, const NestCode &code);

/// What a block of at most `most` sums should cover of such a nest: of each
/// axis a part that divides it, of an axis that is not named one place.
std::map<std::string, int64_t> correlationBlock(const Nest &nest, int64_t most);

} // namespace nnc

#endif // NNC_IR_KERNELS_CORRELATION_LOOPS_H
