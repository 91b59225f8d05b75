//===- runtime/error.cpp --------------------------------------------------===//
#include "runtime/error.h"
#include "runtime/generated_code.h"

#include <atomic>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <unistd.h>

namespace nnrt {

bool Error::set(const char *pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  Text fresh;
  fresh.vformat(pattern, arguments);
  va_end(arguments);
  text = std::move(fresh);
  code = ExitUser;
  return false;
}

bool Error::limit(const char *pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  Text fresh;
  fresh.vformat(pattern, arguments);
  va_end(arguments);
  text = std::move(fresh);
  code = ExitLimit;
  return false;
}

int Error::report() const {
  std::fflush(stdout);
  std::fprintf(stderr, "error: %s\n", message());
  return code;
}

void outOfMemory(int64_t bytes) {
  std::fflush(stdout);
  std::fprintf(stderr, "error: out of memory: %s more are needed\n",
               bytesText(double(bytes)).c_str());
  std::fflush(stderr);
  _exit(ExitUser);
}

} // namespace nnrt

extern "C" void nnrt_index_error(const char *file, int32_t line, int32_t column,
                                 int64_t index, int64_t size) {
  // Several threads of the team may come here; one speaks. It leaves by
  // _exit, since the others still run and exit handlers would race with them.
  static std::atomic<bool> spoken;
  if (spoken.exchange(true))
    for (;;)
      sleep(1);
  std::fflush(stdout);
  std::fprintf(stderr,
               "%s:%" PRId32 ":%" PRId32 ": error: index %" PRId64
               " is out of range for an axis of size %" PRId64 "\n",
               file, line, column, index, size);
  std::fflush(stderr);
  _exit(nnrt::ExitUser);
}
