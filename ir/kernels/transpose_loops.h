//===- ir/kernels/transpose_loops.h - A copy with axes exchanged ----------===//
#ifndef NNC_IR_KERNELS_TRANSPOSE_LOOPS_H
#define NNC_IR_KERNELS_TRANSPOSE_LOOPS_H

#include "ir/kernels/nest_loops.h"

namespace nnc {

/// A copy that is contiguous along one axis where it loads and along another,
/// of 16 elements, where it stores goes by squares of 16 x 16. False: the nest
/// is none.
bool emitTransposition(LoopBuilder &loops, const NestCode &code);

} // namespace nnc

#endif // NNC_IR_KERNELS_TRANSPOSE_LOOPS_H
