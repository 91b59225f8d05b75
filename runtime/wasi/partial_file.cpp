//===- runtime/wasi/partial_file.cpp - PATH.NUMBER.partial ----------------===//
//
// WASI has no process numbers and no locks, so that nobody can tell whether
// such a file was abandoned; wasi-libc does not say where a link leads.
//
//===----------------------------------------------------------------------===//
#include "runtime/partial_file.h"
#include "runtime/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

namespace nnrt {

Text resolvePath(const char *path) { return Text(path); }

int openPartial(const char *path, mode_t mode, Text &name) {
  uint32_t number;
  if (getentropy(&number, sizeof number))
    return -1;
  // Ten digits: a program of the host takes that for no process, and does not
  // remove the file.
  Text partial;
  partial.format("%s.%010lu.partial", path, static_cast<unsigned long>(number));
  int descriptor = open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL, mode);
  if (descriptor >= 0)
    name = std::move(partial);
  return descriptor;
}

void removeAbandoned(const char *) {}

} // namespace nnrt
