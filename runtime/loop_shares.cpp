#include "runtime/loop_shares.h"

#include <algorithm>
#include <atomic>

namespace nnrt {

// A loop's number is in the upper bits, without its own: no two shares are half
// as many loops apart as it can count.
static constexpr int turnBits = 48;
static constexpr uint64_t turnMask = (uint64_t(1) << turnBits) - 1;

static uint64_t stateOf(uint64_t loop, int64_t turn) {
  return loop << turnBits | uint64_t(turn);
}

/// Barriers order what the turns read and write: this need not. A share without
/// turns begins too, so that none falls far behind the others.
bool LoopShares::takeOf(Share &share, uint64_t loop, const Turns &whole,
                        Turns &turns) {
  constexpr int64_t pieces = 4;
  std::atomic_ref<uint64_t> next(share.next);
  uint64_t state = next.load(std::memory_order_relaxed);
  for (;;) {
    auto ahead = int16_t((state >> turnBits) - loop);
    if (ahead > 0)
      return false;
    int64_t begin = ahead < 0 ? whole.begin : int64_t(state & turnMask);
    int64_t left = std::max<int64_t>(whole.end - begin, 0);
    if (!left && ahead == 0)
      return false;
    int64_t end = begin + (left + pieces - 1) / pieces;
    if (next.compare_exchange_weak(state, stateOf(loop, end),
                                   std::memory_order_relaxed)) {
      turns = {begin, end};
      return left > 0;
    }
  }
}

bool LoopShares::take(int64_t thread, int64_t count, Turns &turns) {
  int64_t threads = shares.size(), size = (count + threads - 1) / threads;
  uint64_t loop = turns.end < 0 ? ++shares[thread].loop : shares[thread].loop;
  for (int64_t i = 0; i < threads; ++i) {
    int64_t owner = (thread + i) % threads;
    Turns whole = {owner * size, std::min((owner + 1) * size, count)};
    if (takeOf(shares[owner], loop, whole, turns))
      return true;
  }
  return false;
}

} // namespace nnrt
