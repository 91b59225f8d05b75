//===- runtime/plan.cpp ---------------------------------------------------===//
#include "runtime/plan.h"
#include "runtime/memory.h"

#include <algorithm>

namespace nnrt {

/// False if the sizes, rounded up, do not all fit into 63 bits together.
static bool sizesFit(const PlanItem *items, int64_t count) {
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i)
    if (items[i].bytes < 0 || items[i].bytes > INT64_MAX - bufferAlignment ||
        __builtin_add_overflow(sum, roundUp(items[i].bytes, bufferAlignment),
                               &sum))
      return false;
  return true;
}

static bool meet(const PlanItem &a, const PlanItem &b) {
  return a.firstUse <= b.lastUse && b.firstUse <= a.lastUse;
}

int64_t planMemory(const PlanItem *items, int64_t count, int64_t *offsets) {
  if (!sizesFit(items, count))
    return -1;
  Array<int64_t> bySize, byOffset;
  bySize.resize(count);
  for (int64_t i = 0; i < count; ++i)
    bySize[i] = i;
  std::sort(bySize.begin(), bySize.end(), [&](int64_t a, int64_t b) {
    return items[a].bytes != items[b].bytes ? items[a].bytes > items[b].bytes
                                            : a < b;
  });

  int64_t total = 0;
  for (int64_t item : bySize) {
    int64_t size = roundUp(items[item].bytes, bufferAlignment);
    // Walk the placed items that are alive with this one by rising offset,
    // and remember the tightest gap between them.
    int64_t reached = 0, best = -1, bestGap = INT64_MAX;
    for (int64_t other : byOffset) {
      if (!meet(items[item], items[other]))
        continue;
      int64_t gap = offsets[other] - reached;
      if (gap >= size && gap < bestGap) {
        best = reached;
        bestGap = gap;
      }
      reached = std::max(reached, offsets[other] + roundUp(items[other].bytes,
                                                           bufferAlignment));
    }
    offsets[item] = best < 0 ? reached : best;
    total = std::max(total, offsets[item] + size);
    int64_t position = byOffset.size();
    byOffset.push(item);
    for (; position && offsets[byOffset[position - 1]] > offsets[item];
         --position)
      byOffset[position] = byOffset[position - 1];
    byOffset[position] = item;
  }
  return total;
}

int64_t planLowerBound(const PlanItem *items, int64_t count) {
  if (!sizesFit(items, count))
    return -1;
  // The peak is reached where some item begins.
  int64_t peak = 0;
  for (int64_t i = 0; i < count; ++i) {
    int64_t alive = 0;
    for (int64_t j = 0; j < count; ++j)
      if (items[j].firstUse <= items[i].firstUse &&
          items[i].firstUse <= items[j].lastUse)
        alive += roundUp(items[j].bytes, bufferAlignment);
    peak = std::max(peak, alive);
  }
  return peak;
}

} // namespace nnrt
