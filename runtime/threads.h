//===- runtime/threads.h - One small pool ---------------------------------===//
//
// `--threads N` or NN_THREADS gives the number; without them it is the number
// of cores this process may use, and a function that touches less than
// `smallFunction` bytes runs on one thread, since waking a team costs more
// than it would gain. Results never depend on the number. With NN_PIN=1 each
// thread stays on a core.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_THREADS_H
#define NNRT_THREADS_H

#include "runtime/cores.h"
#include "runtime/error.h"
#include "runtime/loop_shares.h"
#include "runtime/program.h"

#include <atomic>

namespace nnrt {

/// A barrier for a fixed number of threads: spins a little, then sleeps in the
/// kernel, so that it is quick when each thread has a core and right when not.
struct Barrier {
  Barrier(int32_t threads, int32_t spins) : threads(threads), spins(spins) {}
  void wait();

  const int32_t threads, spins;
  alignas(64) std::atomic<int32_t> arrived{0};
  alignas(64) std::atomic<int32_t> generation{0};
  std::atomic<int32_t> sleepers{0};
};

constexpr int64_t smallFunction = 1 << 20;

/// What a team may have.
extern const int mostThreads;

class Team {
public:
  /// `threads` 0 means: as many as there are cores, fewer where it is small.
  explicit Team(int threads = 0);
  Team(const Team &) = delete;
  ~Team();

  /// How many threads run a function that touches so many bytes.
  int threadsFor(int64_t bytes) const;
  /// Has `threads` threads (1, or what threadsFor gave) call `function.run`.
  bool runFunction(const Function &function, void *const *buffers,
                   const int64_t *dims, void *const *scratch, int threads,
                   Error &error);

  // For its threads, while they run a function.

  /// Waits until each has come here.
  void meet() { inside.wait(); }
  /// LoopShares::take.
  bool takeTurns(int64_t thread, int64_t count, Turns &turns) {
    return shares.take(thread, count, turns);
  }

private:
  struct Worker;
  static void *work(void *argument);
  bool start(Error &error);

  enum : int32_t { Closed, Open, GoHome };
  std::atomic<int32_t> gate{Closed};
  struct Job {
    const Function *function;
    void *const *buffers;
    const int64_t *dims;
    void *const *scratch;
  } job = {};
  bool automatic;
  int size, spins;
  bool stopping = false;
  Array<Worker> workers;
  Barrier begin, end, inside;
  LoopShares shares;
};

} // namespace nnrt

#endif // NNRT_THREADS_H
