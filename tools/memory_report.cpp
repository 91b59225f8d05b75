#include "tools/memory_report.h"

#include "ir/memory_use.h"
#include "runtime/plan.h"
#include "tools/cost_table.h"

#include <cstdio>

namespace nnc {

static std::vector<nnrt::PlanItem> planItems(std::span<const Lifetime> items) {
  std::vector<nnrt::PlanItem> result;
  for (const Lifetime &each : items)
    result.push_back({each.bytes, static_cast<int32_t>(each.first),
                      static_cast<int32_t>(each.last)});
  return result;
}

int64_t planArena(std::span<const Lifetime> items) {
  std::vector<nnrt::PlanItem> all = planItems(items);
  std::vector<int64_t> offsets(all.size());
  return nnrt::planMemory(all.data(), static_cast<int64_t>(all.size()),
                          offsets.data());
}

static int64_t arenaBound(std::span<const Lifetime> items) {
  std::vector<nnrt::PlanItem> all = planItems(items);
  return nnrt::planLowerBound(all.data(), static_cast<int64_t>(all.size()));
}

std::optional<MemoryAtSizes> memoryAt(const Function &function,
                                      const Sizes &sizes) {
  MemoryUse use = memoryUseOf(function);
  auto known = [&](std::string_view name) -> std::optional<int64_t> {
    return at(Dim::symbol(std::string(name)), sizes).value();
  };
  std::optional<int64_t> all = bytesOfCall(use, known, planArena);
  if (!all)
    return std::nullopt;
  use.inputsAndResults = use.scratch = 0;
  return MemoryAtSizes{*all, *bytesOfCall(use, known, planArena),
                       *bytesOfCall(use, known, arenaBound)};
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

MemoryReport memoryReportOf(const Function &function, const Sizes &sizes) {
  MemoryUse use = memoryUseOf(function);
  return {formula(use), use.scratch.str(), sizesText(function, sizes),
          memoryAt(function, sizes)};
}

void print(const MemoryReport &memory) {
  std::printf("memory beside the variables: at least %s bytes, and of scratch "
              "for each thread %s\n",
              memory.least.c_str(), memory.scratch.c_str());
  std::printf("  with one thread%s%s: ", memory.sizes.empty() ? "" : ", ",
              memory.sizes.c_str());
  if (!memory.used) {
    std::printf("too much\n");
    return;
  }
  std::printf("%s bytes", grouped(memory.used->all).c_str());
  if (memory.used->bound)
    std::printf("; temporaries take %s of them, where %s are alive at once "
                "(%.2f times)",
                grouped(memory.used->arena).c_str(),
                grouped(memory.used->bound).c_str(),
                static_cast<double>(memory.used->arena) /
                    static_cast<double>(memory.used->bound));
  std::printf("\n");
}

} // namespace nnc
