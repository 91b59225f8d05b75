//===- runtime/wasi/cores.cpp - There is one ------------------------------===//
#include "runtime/cores.h"

namespace nnrt {

bool pinThreads = false;

int onlineCores() { return 1; }

void pinThread(int) {}

void unpinThread() {}

} // namespace nnrt
