//===- runtime/cores.cpp --------------------------------------------------===//
#include "runtime/cores.h"

#include <sched.h>

namespace nnrt {

bool pinThreads = false;

/// As the process was started: first asked for before a thread is pinned.
static const cpu_set_t &givenCores() {
  static cpu_set_t set;
  static bool isKnown = false;
  if (!isKnown && sched_getaffinity(0, sizeof(set), &set))
    CPU_ZERO(&set);
  isKnown = true;
  return set;
}

int onlineCores() {
  int count = CPU_COUNT(&givenCores());
  return count < 1 ? 1 : count;
}

void pinThread(int number) {
  if (!pinThreads)
    return;
  int left = number % onlineCores();
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &givenCores()) || left--)
      continue;
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(core, &own);
    sched_setaffinity(0, sizeof(own), &own);
    return;
  }
}

void unpinThread() {
  if (pinThreads && CPU_COUNT(&givenCores()))
    sched_setaffinity(0, sizeof(cpu_set_t), &givenCores());
}

} // namespace nnrt
