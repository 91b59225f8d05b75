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

#include <optional>
#include <span>

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

/// A temporary at known sizes; it is alive in the steps from first to last.
struct Lifetime {
  int64_t bytes, first, last;
};
/// The bytes in which these find place; below 0 if they are too many to count.
using MemoryPlanner = int64_t (*)(std::span<const Lifetime> items);
/// The least of that: the most that is alive in a step.
int64_t leastArena(std::span<const Lifetime> items);

/// The bytes of a call with one thread, beside the variables; nothing if a size
/// is not known or they are too many to count.
std::optional<int64_t> bytesOfCall(const MemoryUse &use,
                                   const Dim::Values &sizes,
                                   MemoryPlanner planner);

} // namespace nnc

#endif // NNC_IR_MEMORY_USE_H
