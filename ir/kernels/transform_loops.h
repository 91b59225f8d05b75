//===- ir/kernels/transform_loops.h - Small matrices, written out ---------===//
//
// A small matrix of known numbers times vectors: what the sums of a place read
// is loaded once for all of them, and terms with a one are added. Those with a
// zero are left out where the nest is `finite`: else 0 times an infinity is
// NaN. Sums that lie side by side, and whose vectors would be stored with gaps,
// are interleaved.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_TRANSFORM_LOOPS_H
#define NNC_IR_KERNELS_TRANSFORM_LOOPS_H

#include "ir/kernels/nest_loops.h"

namespace nnc {

/// A nest whose operand `matrix` is Nest::transformMatrix and has these
/// elements.
void emitTransform(LoopBuilder &loops, const NestCode &code, int64_t matrix,
                   const std::vector<double> &elements);

} // namespace nnc

#endif // NNC_IR_KERNELS_TRANSFORM_LOOPS_H
