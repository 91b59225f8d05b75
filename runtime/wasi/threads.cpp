//===- runtime/wasi/threads.cpp - A team of one ---------------------------===//
#include "runtime/threads.h"
#include "runtime/generated_code.h"

namespace nnrt {

const int mostThreads = 1;

struct Team::Worker {};

void Barrier::wait() {}

Team::Team(int)
    : automatic(false), size(1), spins(0), begin(1, 0), end(1, 0), inside(1, 0),
      shares(1) {}

Team::~Team() = default;

int Team::threadsFor(int64_t) const { return size; }

bool Team::runFunction(const Function &function, void *const *buffers,
                       const int64_t *dims, void *const *scratch, int,
                       Error &) {
  function.run(buffers, dims, scratch[0], 0, size, nullptr);
  return true;
}

} // namespace nnrt

extern "C" void nnrt_barrier(nnrt::Team *) {}

extern "C" int32_t nnrt_take_turns(nnrt::Team *, int64_t, int64_t,
                                   nnrt::Turns *) {
  return 0; // There is no team.
}
