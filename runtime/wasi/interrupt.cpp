//===- runtime/wasi/interrupt.cpp - WASI has no signals -------------------===//
#include "runtime/interrupt.h"

namespace nnrt {

InterruptGuard::InterruptGuard() {}
InterruptGuard::~InterruptGuard() {}

void endAtLostFile(const char *) {}

void ignoreFileSizeSignal() {}

bool interrupted() { return false; }

int interruptExitCode() { return 128; }

} // namespace nnrt
