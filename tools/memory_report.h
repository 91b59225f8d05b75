//===- tools/memory_report.h - What a call of a function needs ------------===//
#ifndef NNC_TOOLS_MEMORY_REPORT_H
#define NNC_TOOLS_MEMORY_REPORT_H

#include "ir/memory_use.h"
#include "tools/at_sizes.h"

namespace nnc {

/// The planner of the runtime, for passes.
int64_t planArena(std::span<const Lifetime> items);

/// Bytes at given sizes, as a program's runtime finds them by the same planner.
struct MemoryAtSizes {
  int64_t all;   ///< What a call needs beside the variables, with one thread.
  int64_t arena; ///< Of it, what the temporaries share,
  int64_t bound; ///< and the most of them that is alive at once.
};

/// Of a function in loop IR; nothing if the sizes are too large to add up.
std::optional<MemoryAtSizes> memoryAt(const Function &function,
                                      const Sizes &sizes);

/// Prints the least that a function needs as a formula, and what it needs at
/// these sizes.
void printMemory(const Function &function, const Sizes &sizes);

} // namespace nnc

#endif // NNC_TOOLS_MEMORY_REPORT_H
