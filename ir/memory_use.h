//===- ir/memory_use.h - What a function in loop IR needs -----------------===//
//
// Beside the program's variables: its inputs and results, which are there from
// beginning to end, temporaries, which share memory where their lives do not
// meet, and scratch memory of each thread.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_MEMORY_USE_H
#define NNC_IR_MEMORY_USE_H

#include "ir/op.h"

namespace nnc {

struct MemoryUse {
  struct Temporary {
    const Value *buffer;
    Dim bytes;
    int64_t first, last; ///< The steps in which it is alive.
  };
  std::vector<Temporary> temporaries;
  Dim inputsAndResults, scratch;
};

MemoryUse memoryUseOf(const Function &function);

/// What is alive in a step, added up, of those steps where that may be most:
/// the greatest of these is the least memory in which the temporaries have
/// place. None is known to be at most another for all sizes.
std::vector<Dim> peaksOf(const MemoryUse &use);

} // namespace nnc

#endif // NNC_IR_MEMORY_USE_H
