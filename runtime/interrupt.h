//===- runtime/interrupt.h - Signals --------------------------------------===//
#ifndef NNRT_INTERRUPT_H
#define NNRT_INTERRUPT_H

namespace nnrt {

/// While one of these lives, the first Ctrl-C (SIGINT) or SIGTERM is only
/// remembered, so that the weights can be saved; another, half a second later or
/// more, ends the program at once.
class InterruptGuard {
public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard &) = delete;
  ~InterruptGuard();
};

/// Has the program end with a message when a file that it reads from memory is
/// not there any more, all of it.
void endAtLostFile(const char *path);

/// Has a file that grows too large be an error of the call that writes.
void ignoreFileSizeSignal();

bool interrupted();
/// 130 after Ctrl-C, as shells count.
int interruptExitCode();

} // namespace nnrt

#endif // NNRT_INTERRUPT_H
