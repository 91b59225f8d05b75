//===- runtime/wasi/threads.cpp - A team of one ---------------------------===//
#include "runtime/threads.h"
#include "runtime/generated_code.h"

namespace nnrt {

const int mostThreads = 1;

struct Team::Worker {};

void Barrier::wait() {}

Team::Team(int)
    : automatic(false), size(1), spins(0), begin(1, 0), end(1, 0),
      inside(1, 0) {}

Team::~Team() = default;

int Team::threadsFor(int64_t) const { return size; }

bool Team::runFunction(const Function &function, void *const *buffers,
                       const int64_t *dims, void *const *scratch, int,
                       Error &) {
  function.run(buffers, dims, scratch[0], 0, size, &alone);
  return true;
}

} // namespace nnrt

extern "C" void nnrt_barrier(nnrt::Barrier *barrier) { barrier->wait(); }
