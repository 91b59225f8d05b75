#include "tools/memory_report.h"

#include "ir/memory_use.h"
#include "runtime/plan.h"
#include "tools/explain_table.h"

#include <cstdio>

namespace nnc {

std::optional<MemoryAtSizes> memoryAt(const Function &function,
                                      const Sizes &sizes) {
  MemoryUse use = memoryUseOf(function);
  std::vector<nnrt::PlanItem> items;
  for (const MemoryUse::Temporary &each : use.temporaries)
    items.push_back({at(each.bytes, sizes).value(),
                     static_cast<int32_t>(each.first),
                     static_cast<int32_t>(each.last)});
  auto count = static_cast<int64_t>(items.size());
  std::vector<int64_t> offsets(items.size());
  MemoryAtSizes result;
  result.arena = nnrt::planMemory(items.data(), count, offsets.data());
  result.bound = nnrt::planLowerBound(items.data(), count);
  if (result.arena < 0 ||
      __builtin_add_overflow(at(use.inputsAndResults, sizes).value(),
                             result.arena, &result.all) ||
      __builtin_add_overflow(at(use.scratch, sizes).value(), result.all,
                             &result.all) ||
      result.all == INT64_MAX) // A size that saturated.
    return std::nullopt;
  return result;
}

/// "max(8*B + 64, 1024) + 4*B"
static std::string formula(const MemoryUse &use) {
  std::vector<Dim> peaks = peaksOf(use);
  if (peaks.size() < 2)
    return ((peaks.empty() ? Dim(0) : peaks[0]) + use.inputsAndResults).str();
  std::string text;
  for (const Dim &peak : peaks)
    text += (text.empty() ? "max(" : ", ") + peak.str();
  return text + ") + " + use.inputsAndResults.str();
}

void printMemory(const Function &function, const Sizes &sizes) {
  MemoryUse use = memoryUseOf(function);
  std::printf("memory beside the variables: at least %s bytes, and of scratch "
              "for each thread %s\n",
              formula(use).c_str(), use.scratch.str().c_str());
  std::string known = sizesText(function, sizes);
  std::printf("  with one thread%s%s: ", known.empty() ? "" : ", ",
              known.c_str());
  std::optional<MemoryAtSizes> memory = memoryAt(function, sizes);
  if (!memory) {
    std::printf("too much\n");
    return;
  }
  std::printf("%s bytes", grouped(memory->all).c_str());
  if (memory->bound)
    std::printf("; temporaries take %s of them, where %s are alive at once "
                "(%.2f times)",
                grouped(memory->arena).c_str(), grouped(memory->bound).c_str(),
                static_cast<double>(memory->arena) /
                    static_cast<double>(memory->bound));
  std::printf("\n");
}

} // namespace nnc
