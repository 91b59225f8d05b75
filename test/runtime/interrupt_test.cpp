// A first signal is remembered, its likes within half a second are the same
// one, and one that comes later ends the program. A file that is lost ends it
// with a message.
#include "runtime/clock.h"
#include "runtime/interrupt.h"
#include "runtime/threads.h"
#include "test/runtime/unit_test.h"

#include <csignal>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nnrt;

/// Whether this is a new process; elsewhere, how that ended.
static bool isChild(int &status) {
  pid_t child = fork();
  if (child)
    waitpid(child, &status, 0);
  return !child;
}

/// How a process ends that gets the signals and, seconds later, another.
static int statusAfter(int first, int second, double later, int last) {
  int status = 0;
  if (!isChild(status))
    return status;
  InterruptGuard guard;
  raise(first);
  raise(second);
  for (double begin = now(); now() - begin < later;)
    usleep(10000);
  if (last)
    raise(last);
  _exit(interrupted() ? interruptExitCode() : 0);
}

static void readInLastThread(void *const *buffers, const int64_t *, void *,
                             int32_t thread, int32_t threads, Team *) {
  if (thread == threads - 1)
    (void)*static_cast<volatile char *>(buffers[0]);
}

/// How a process ends whose last thread reads behind the end of a file.
static int statusOfReading(int threads) {
  int status = 0;
  if (!isChild(status))
    return status;
  endAtLostFile("lost");
  int empty = memfd_create("empty", 0);
  void *page = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, empty, 0);
  void *scratch[2] = {};
  Function function = {};
  function.run = readInLastThread;
  Team team(threads);
  Error error;
  team.runFunction(function, &page, nullptr, scratch, threads, error);
  _exit(0);
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
  CHECK(endsWith(statusOfReading(1), ExitUser));
  CHECK(endsWith(statusOfReading(2), ExitUser));
  return finish();
}
