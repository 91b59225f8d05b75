//===- runtime/interrupt.cpp ----------------------------------------------===//
#include "runtime/interrupt.h"

#include <signal.h>

namespace nnrt {

static volatile sig_atomic_t seen;
static struct sigaction before;

InterruptGuard::InterruptGuard() {
  seen = 0;
  struct sigaction action = {};
  action.sa_handler = [](int) { seen = 1; };
  action.sa_flags = SA_RESTART | SA_RESETHAND;
  sigaction(SIGINT, &action, &before);
}

InterruptGuard::~InterruptGuard() { sigaction(SIGINT, &before, nullptr); }

bool interrupted() { return seen; }

} // namespace nnrt
