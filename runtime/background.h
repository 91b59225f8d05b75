//===- runtime/background.h - One task beside its caller's work -----------===//
#ifndef NNRT_BACKGROUND_H
#define NNRT_BACKGROUND_H

#include <atomic>
#include <cstdint>

namespace nnrt {

/// A thread that has one task at a time, and sleeps between them.
class Background {
public:
  Background() = default;
  Background(const Background &) = delete;
  ~Background();

  /// Starts the thread. WebAssembly has none, and a system may be out of them:
  /// false.
  bool start();
  /// Has the thread call `task(argument)`: it is started, and idle.
  void begin(void (*task)(void *), void *argument);
  /// Waits until the task is done, if there is one.
  void finish();

private:
  struct Thread;
  static void *work(void *argument);

  enum : int32_t { Idle, Asked };
  alignas(64) std::atomic<int32_t> state{Idle};
  Thread *thread = nullptr;
  void (*task)(void *) = nullptr; ///< Null: the thread shall end.
  void *argument = nullptr;
};

} // namespace nnrt

#endif // NNRT_BACKGROUND_H
