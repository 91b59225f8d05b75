//===- runtime/linux_threads.h - What threads need of the system ----------===//
#ifndef NNRT_LINUX_THREADS_H
#define NNRT_LINUX_THREADS_H

#include <atomic>
#include <cstdint>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nnrt {

inline void futex(std::atomic<int32_t> &word, int operation, int32_t value) {
  syscall(SYS_futex, reinterpret_cast<int32_t *>(&word), operation, value,
          nullptr, nullptr, 0);
}

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Starts a thread that takes no signal: the main thread does, for Ctrl-C must
/// reach the training loop. But that a file was lost, whoever reads it is told:
/// were it blocked, it would end the program. 0, or what went wrong.
inline int startThread(pthread_t &thread, void *(*function)(void *),
                       void *argument) {
  sigset_t all, before;
  sigfillset(&all);
  sigdelset(&all, SIGBUS);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&thread, nullptr, function, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return failed;
}

} // namespace nnrt

#endif // NNRT_LINUX_THREADS_H
