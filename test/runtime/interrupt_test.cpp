// A first signal is remembered, its likes within half a second are the same one, and
// one that comes later ends the program.
#include "runtime/interrupt.h"
#include "runtime/clock.h"
#include "test/runtime/unit_test.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace nnrt;

/// How a process ends that gets the signals and, seconds later, another.
static int statusAfter(int first, int second, double later, int last) {
  if (pid_t child = fork()) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
  InterruptGuard guard;
  raise(first);
  raise(second);
  for (double begin = now(); now() - begin < later;)
    usleep(10000);
  if (last)
    raise(last);
  _exit(interrupted() ? interruptExitCode() : 0);
}

static bool endsWith(int status, int code) {
  return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

static bool endsBy(int status, int signal) {
  return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

int main() {
  CHECK(endsWith(statusAfter(SIGINT, SIGINT, 0, 0), 130));
  CHECK(endsWith(statusAfter(SIGTERM, SIGINT, 0, 0), 143));
  CHECK(endsBy(statusAfter(SIGINT, SIGINT, 0.51, SIGINT), SIGINT));
  CHECK(endsBy(statusAfter(SIGINT, SIGTERM, 0.51, SIGTERM), SIGTERM));
  { InterruptGuard guard; }
  CHECK(!interrupted());
  return finish();
}
