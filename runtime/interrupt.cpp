//===- runtime/interrupt.cpp ----------------------------------------------===//
#include "runtime/interrupt.h"
#include "runtime/clock.h"
#include "runtime/error.h"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <signal.h>
#include <unistd.h>

namespace nnrt {

static constexpr int signals[] = {SIGINT, SIGTERM};
// A handler may share nothing but atomics with the rest.
static std::atomic<int> seen;
static std::atomic<double> seenAt;
static struct sigaction before[2];

/// `timeout` and schedulers send a signal to the program and to its group, so
/// it comes twice: only what comes later is a second one.
static constexpr double sameInterrupt = 0.5; // Seconds.

static void remember(int number) {
  if (!seen) {
    seenAt = now();
    seen = number;
  } else if (now() - seenAt > sameInterrupt) {
    signal(number, SIG_DFL);
    raise(number);
  }
}

InterruptGuard::InterruptGuard() {
  seen = 0;
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  for (int i = 0; i < 2; ++i)
    sigaction(signals[i], &action, &before[i]);
}

InterruptGuard::~InterruptGuard() {
  for (int i = 0; i < 2; ++i)
    sigaction(signals[i], &before[i], nullptr);
}

static char lostFile[4096]; // The message; a handler can hardly make one.

void endAtLostFile(const char *path) {
  std::snprintf(
      lostFile, sizeof lostFile,
      "error: %s: was cut off, or its disk failed, while it was read\n", path);
  signal(SIGBUS, [](int) {
    [[maybe_unused]] ssize_t written =
        write(STDERR_FILENO, lostFile, std::strlen(lostFile));
    _exit(ExitUser);
  });
}

void ignoreFileSizeSignal() { signal(SIGXFSZ, SIG_IGN); }

bool interrupted() { return seen; }

int interruptExitCode() { return 128 + seen; }

} // namespace nnrt
