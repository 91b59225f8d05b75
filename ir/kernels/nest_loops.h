//===- ir/kernels/nest_loops.h - A nest as loops over vectors -------------===//
//
// The last contiguous axis is taken 16 elements at a time: a parallel axis if
// every load and the store go along it, else the last reduced axis, whose
// elements then go to 16 accumulators, or 64 if it is that long, that are
// combined in a fixed tree. The order of arithmetic depends on the nest alone.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_NEST_LOOPS_H
#define NNC_IR_KERNELS_NEST_LOOPS_H

#include "ir/kernels/nest_code.h"

namespace nnc {

void emitNest(LoopBuilder &loops, const NestCode &code);

} // namespace nnc

#endif // NNC_IR_KERNELS_NEST_LOOPS_H
