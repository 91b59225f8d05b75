//===- runtime/background.cpp ---------------------------------------------===//
#include "runtime/background.h"
#include "runtime/cores.h"
#include "runtime/linux_threads.h"

#include <cstdlib>

namespace nnrt {

struct Background::Thread {
  pthread_t handle;
};

void *Background::work(void *argument) {
  Background &self = *static_cast<Background *>(argument);
  unpinThread();
  for (;;) {
    while (self.state.load() == Idle)
      futex(self.state, FUTEX_WAIT_PRIVATE, Idle);
    if (!self.task)
      return nullptr;
    self.task(self.argument);
    self.state.store(Idle);
    futex(self.state, FUTEX_WAKE_PRIVATE, 1);
  }
}

bool Background::start() {
  if (thread)
    return true;
  thread = static_cast<Thread *>(std::malloc(sizeof(Thread)));
  if (thread && startThread(thread->handle, work, this)) {
    std::free(thread);
    thread = nullptr;
  }
  return thread;
}

Background::~Background() {
  if (!thread)
    return;
  finish();
  begin(nullptr, nullptr);
  pthread_join(thread->handle, nullptr);
  std::free(thread);
}

void Background::begin(void (*chosen)(void *), void *given) {
  task = chosen;
  argument = given;
  state.store(Asked);
  futex(state, FUTEX_WAKE_PRIVATE, 1);
}

void Background::finish() {
  while (state.load() == Asked)
    futex(state, FUTEX_WAIT_PRIVATE, Asked);
}

} // namespace nnrt
