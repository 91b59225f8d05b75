//===- runtime/error.h - What went wrong, for the user --------------------===//
#ifndef NNRT_ERROR_H
#define NNRT_ERROR_H

#include "runtime/text.h"

namespace nnrt {

/// Exit codes of a built program, the same as nnc's.
enum ExitCode { ExitOk = 0, ExitUser = 1, ExitLimit = 2 };

/// A function that can fail returns false and fills one of these. The message
/// is for the person at the terminal and has no "error: " in front.
class Error {
public:
  /// Returns false, so that `return error.set(...)` is the way out.
  bool set(const char *pattern, ...) __attribute__((format(printf, 2, 3)));
  /// The same, for what this program cannot do although nothing is wrong.
  bool limit(const char *pattern, ...) __attribute__((format(printf, 2, 3)));

  const char *message() const { return text.c_str(); }
  int exitCode() const { return code; }
  /// Prints `error: MESSAGE` and returns the exit code.
  int report() const;

private:
  Text text;
  int code = ExitUser;
};

} // namespace nnrt

#endif // NNRT_ERROR_H
