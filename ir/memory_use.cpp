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

} // namespace nnc
