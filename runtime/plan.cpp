//===- runtime/plan.cpp ---------------------------------------------------===//
#include "runtime/plan.h"
#include "runtime/memory.h"

#include <algorithm>

namespace nnrt {

/// Of which the gaps before aligned items are too large a part.
static constexpr int64_t fewBytes = 512;

/// Elements have a power of two of bytes, which divides the size.
static int64_t alignmentOf(const PlanItem &item) {
  int64_t most = item.bytes < fewBytes ? item.bytes & -item.bytes : 0;
  return most ? std::min(most, bufferAlignment) : bufferAlignment;
}

/// False if the sizes, with gaps between, do not all fit into 63 bits together.
static bool sizesFit(const PlanItem *items, int64_t count) {
  int64_t sum = bufferAlignment * count;
  for (int64_t i = 0; i < count; ++i)
    if (items[i].bytes < 0 || __builtin_add_overflow(sum, items[i].bytes, &sum))
      return false;
  return true;
}

static bool meet(const PlanItem &a, const PlanItem &b) {
  return a.firstUse <= b.lastUse && b.firstUse <= a.lastUse;
}

/// The bytes that are alive where each item begins. A peak is reached at such a
/// place.
static void aliveAtBegins(const PlanItem *items, int64_t count,
                          Array<int64_t> &alive) {
  alive.resize(count);
  for (int64_t i = 0; i < count; ++i) {
    alive[i] = 0;
    for (int64_t j = 0; j < count; ++j)
      if (items[j].firstUse <= items[i].firstUse &&
          items[i].firstUse <= items[j].lastUse)
        alive[i] += items[j].bytes;
  }
}

/// Gives each item, in this order, the tightest gap between those that are
/// alive with it, or the place behind them. Returns the bytes of all.
static int64_t place(const PlanItem *items, const Array<int64_t> &order,
                     int64_t *offsets) {
  int64_t total = 0;
  Array<int64_t> byOffset;
  for (int64_t item : order) {
    int64_t size = items[item].bytes, alignment = alignmentOf(items[item]);
    int64_t start = 0, best = -1, bestGap = INT64_MAX;
    for (int64_t other : byOffset) {
      if (!meet(items[item], items[other]))
        continue;
      int64_t gap = offsets[other] - start;
      if (gap >= size && gap < bestGap) {
        best = start;
        bestGap = gap;
      }
      start = std::max(start,
                       roundUp(offsets[other] + items[other].bytes, alignment));
    }
    offsets[item] = best < 0 ? start : best;
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

int64_t planMemory(const PlanItem *items, int64_t count, int64_t *offsets) {
  if (!sizesFit(items, count))
    return -1;
  Array<int64_t> alive, order, places;
  Array<double> rank;
  aliveAtBegins(items, count, alive);
  int64_t bound = 0, least = INT64_MAX;
  for (int64_t each : alive)
    bound = std::max(bound, each);
  order.resize(count);
  places.resize(count);
  rank.resize(count);

  // By size; by breadth; by what it takes for how long.
  for (int by = 0; by < 3 && least - bound >= bufferAlignment; ++by) {
    for (int64_t i = 0; i < count; ++i) {
      double time = double(items[i].lastUse - items[i].firstUse + 1);
      rank[i] = by == 0   ? 0
                : by == 1 ? double(alive[i])
                          : double(items[i].bytes) * time;
      order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return rank[a] != rank[b] ? rank[a] > rank[b]
             : items[a].bytes != items[b].bytes
                 ? items[a].bytes > items[b].bytes
                 : a < b;
    });
    int64_t total = place(items, order, places.data());
    if (total < least) {
      least = total;
      std::copy(places.begin(), places.end(), offsets);
    }
  }
  return least;
}

int64_t planLowerBound(const PlanItem *items, int64_t count) {
  if (!sizesFit(items, count))
    return -1;
  Array<int64_t> alive;
  aliveAtBegins(items, count, alive);
  int64_t peak = 0;
  for (int64_t each : alive)
    peak = std::max(peak, each);
  return peak;
}

} // namespace nnrt
