//===- runtime/wasi/background.cpp - There is one thread ------------------===//
#include "runtime/background.h"

namespace nnrt {

Background::~Background() = default;

bool Background::start() { return false; }

void Background::begin(void (*)(void *), void *) {}

void Background::finish() {}

} // namespace nnrt
