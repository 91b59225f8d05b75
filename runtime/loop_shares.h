//===- runtime/loop_shares.h - Who takes which turns of a loop ------------===//
//
// Note [Turns are taken]
// The turns of a parallel loop are divided evenly among the threads, in order:
// what a thread wrote in one loop and reads in the next is still in its cache.
// But cores are not equally fast: two are threads of one, or another process
// has one of them for some milliseconds. So a thread takes its share piece by
// piece, and when nothing is left of it, pieces of the others'. Which thread
// runs a turn changes no result: Note [A turn is a thread] in ir/memory.h.
//
// Loops are numbered, by each thread alike. A share says which loop its next
// turn is of, so that whoever comes first to a loop begins it, and no thread
// need wait for another to do so. Nobody leaves a loop before all turns are
// taken: of one that a share is beyond, nothing is left.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_LOOP_SHARES_H
#define NNRT_LOOP_SHARES_H

#include "runtime/array.h"

namespace nnrt {

/// Turns [begin, end). Before a thread takes any of a loop, `end` is -1.
struct Turns {
  int64_t begin, end;
};

class LoopShares {
public:
  explicit LoopShares(int64_t threads) { shares.resize(threads); }

  /// Gives `thread` the next of the `count` turns of a loop, or false: there
  /// are none. `turns` is what it gave last.
  bool take(int64_t thread, int64_t count, Turns &turns);

private:
  struct Share {
    uint64_t next;   ///< The loop's number and the turn's; taken atomically.
    uint64_t loop;   ///< In which its thread is.
    char apart[112]; ///< Two cache lines: they are fetched in pairs.
  };
  static bool takeOf(Share &share, uint64_t loop, const Turns &whole,
                     Turns &turns);

  Array<Share> shares;
};

} // namespace nnrt

#endif // NNRT_LOOP_SHARES_H
