//===- runtime/wasi/pages.cpp - WebAssembly's memory is one array ---------===//
#include "runtime/memory.h"

namespace nnrt {

const bool hasPages = false;

bool Buffer::mapGuarded(int64_t) { return false; }

bool Buffer::mapHuge(int64_t) { return false; }

bool Buffer::mapFile(int, int64_t) { return false; }

void Buffer::unmap() {}

} // namespace nnrt
