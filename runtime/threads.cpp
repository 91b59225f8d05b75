//===- runtime/threads.cpp ------------------------------------------------===//
#include "runtime/threads.h"
#include "runtime/generated_code.h"
#include "runtime/linux_threads.h"

#include <climits>
#include <cstring>

namespace nnrt {

const int mostThreads = 1024;

struct Team::Worker {
  Team *team;
  int index;
  pthread_t thread;
};

void Barrier::wait() {
  if (threads == 1)
    return;
  int32_t mine = generation.load(std::memory_order_relaxed);
  if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == threads) {
    arrived.store(0, std::memory_order_relaxed);
    // Sequentially consistent with the sleeper's pair below: either it sees
    // the new generation, or this sees that it is about to sleep.
    generation.store(mine + 1);
    if (sleepers.load())
      futex(generation, FUTEX_WAKE_PRIVATE, INT_MAX);
    return;
  }
  for (int32_t i = 0; i < spins; ++i) {
    if (generation.load(std::memory_order_acquire) != mine)
      return;
    relax();
  }
  sleepers.fetch_add(1);
  while (generation.load() == mine)
    futex(generation, FUTEX_WAIT_PRIVATE, mine);
  sleepers.fetch_sub(1);
}

// Some 50 microseconds where each thread has its own core: longer than the
// gap between two training steps. Spinning on a shared core only delays the
// thread that is waited for.
static int spinsFor(int threads) { return threads <= onlineCores() ? 2000 : 0; }

Team::Team(int threads)
    : automatic(threads <= 0), size(threads > 0 ? threads : onlineCores()),
      spins(spinsFor(size)), begin(size, spins), end(size, spins),
      inside(size, spins), shares(size) {
  pinThread(0);
}

Team::~Team() {
  if (workers.empty())
    return;
  stopping = true;
  begin.wait();
  for (Worker &worker : workers)
    pthread_join(worker.thread, nullptr);
}

int Team::threadsFor(int64_t bytes) const {
  return automatic && bytes < smallFunction ? 1 : size;
}

void *Team::work(void *argument) {
  Worker &worker = *static_cast<Worker *>(argument);
  Team &team = *worker.team;
  pinThread(worker.index);
  // Until it is known that the whole team could be started.
  while (team.gate.load() == Closed)
    futex(team.gate, FUTEX_WAIT_PRIVATE, Closed);
  if (team.gate.load() == GoHome)
    return nullptr;
  for (;;) {
    team.begin.wait();
    if (team.stopping)
      return nullptr;
    const Job &job = team.job;
    job.function->run(job.buffers, job.dims, job.scratch[worker.index],
                      worker.index, team.size, &team);
    team.end.wait();
  }
}

bool Team::start(Error &error) {
  workers.reserve(size - 1); // They point at themselves: no growth below.
  int failed = 0;
  gate.store(Closed);
  for (int i = 1; i < size && !failed; ++i) {
    Worker &worker = workers.push({this, i, {}});
    failed = startThread(worker.thread, work, &worker);
  }
  if (failed)
    workers.resize(workers.size() - 1);
  gate.store(failed ? GoHome : Open);
  futex(gate, FUTEX_WAKE_PRIVATE, INT_MAX);
  if (failed) {
    for (Worker &worker : workers)
      pthread_join(worker.thread, nullptr);
    workers.clear();
    return error.set("cannot start %d threads: %s; give a smaller --threads",
                     size, std::strerror(failed));
  }
  return true;
}

bool Team::runFunction(const Function &function, void *const *buffers,
                       const int64_t *dims, void *const *scratch, int threads,
                       Error &error) {
  if (threads <= 1) {
    function.run(buffers, dims, scratch[0], 0, 1, nullptr);
    return true;
  }
  if (workers.empty() && !start(error))
    return false;
  job = {&function, buffers, dims, scratch};
  begin.wait();
  function.run(buffers, dims, scratch[0], 0, size, this);
  end.wait();
  return true;
}

} // namespace nnrt

extern "C" void nnrt_barrier(nnrt::Team *team) {
  if (team)
    team->meet();
}

extern "C" int32_t nnrt_take_turns(nnrt::Team *team, int64_t thread,
                                   int64_t count, nnrt::Turns *turns) {
  return team->takeTurns(thread, count, *turns);
}
