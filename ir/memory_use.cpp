#include "ir/memory_use.h"

#include "ir/cost.h"

#include <algorithm>
#include <map>

namespace nnc {

MemoryUse memoryUseOf(const Function &function) {
  MemoryUse use;
  for (int64_t i = 0; i < function.body.argumentCount(); ++i) {
    const Value *buffer = function.body.argument(i);
    const AttrDict &attrs = function.argAttrs[i];
    Dim bytes = bytesOf(buffer->type());
    if (attrs.find("temporary"))
      use.temporaries.push_back({buffer, bytes, attrs.find("first")->asInt(),
                                 attrs.find("last")->asInt()});
    else if (!attrs.find("variable"))
      use.inputsAndResults = use.inputsAndResults + bytes;
  }
  use.scratch = function.attrs.find("scratch")->asDim();
  return use;
}

/// Keeps of `peaks` and `peak` what may be greatest.
static void addPeak(std::vector<Dim> &peaks, const Dim &peak) {
  for (const Dim &known : peaks)
    if ((known - peak).isKnownNonNegative())
      return;
  std::erase_if(peaks, [&](const Dim &known) {
    return (peak - known).isKnownNonNegative();
  });
  peaks.push_back(peak);
}

std::vector<Dim> peaksOf(const MemoryUse &use) {
  struct Change {
    Dim begins, ends;
  };
  std::map<int64_t, Change> changes;
  for (const MemoryUse::Temporary &each : use.temporaries) {
    Dim &begins = changes[each.first].begins;
    begins = begins + each.bytes;
    Dim &ends = changes[each.last].ends;
    ends = ends + each.bytes;
  }
  // Memory is fullest just before something ends.
  std::vector<Dim> peaks;
  Dim alive;
  for (const auto &[step, change] : changes) {
    alive = alive + change.begins;
    if (!change.ends.isConstant(0))
      addPeak(peaks, alive);
    alive = alive - change.ends;
  }
  return peaks;
}

int64_t leastArena(std::span<const Lifetime> items) {
  std::map<int64_t, int64_t> changes;
  for (const Lifetime &each : items) {
    changes[each.first] += each.bytes;
    changes[each.last + 1] -= each.bytes;
  }
  int64_t alive = 0, most = 0;
  for (const auto &[step, change] : changes)
    most = std::max(most, alive += change);
  return most;
}

std::optional<int64_t> bytesOfCall(const MemoryUse &use,
                                   const Dim::Values &sizes,
                                   MemoryPlanner planner) {
  std::vector<Lifetime> items;
  for (const MemoryUse::Temporary &each : use.temporaries) {
    int64_t bytes = each.bytes.evaluate(sizes).value_or(-1);
    if (bytes < 0)
      return std::nullopt;
    items.push_back({bytes, each.first, each.last});
  }
  Dim arena = planner(items);
  std::optional<int64_t> all =
      (use.inputsAndResults + use.scratch + arena).evaluate(sizes);
  // A Dim saturates.
  return arena.value() < 0 || all == INT64_MAX ? std::nullopt : all;
}

} // namespace nnc
