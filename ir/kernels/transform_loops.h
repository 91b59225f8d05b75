//===- ir/kernels/transform_loops.h - Small matrices, written out ---------===//
//
// A small matrix of known numbers times vectors: what the sums of a place read
// is loaded once for all of them, terms with a zero are left out, and those
// with a one are added. Sums that lie side by side, and whose vectors would be
// stored with gaps, are interleaved.
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
