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

/// What `nnc explain` says of it.
struct MemoryReport {
  std::string least;                 ///< In bytes, a formula of the sizes.
  std::string scratch;               ///< The same, for each thread.
  std::string sizes;                 ///< "B = 1"
  std::optional<MemoryAtSizes> used; ///< At these sizes; nothing: too much.
};
MemoryReport memoryReportOf(const Function &function, const Sizes &sizes);
void print(const MemoryReport &memory);

} // namespace nnc

#endif // NNC_TOOLS_MEMORY_REPORT_H
