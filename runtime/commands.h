//===- runtime/commands.h - What a built program can do -------------------===//
#ifndef NNRT_COMMANDS_H
#define NNRT_COMMANDS_H

#include "runtime/error.h"
#include "runtime/options.h"
#include "runtime/program.h"

namespace nnrt {

/// A command gets the arguments after its name and returns the exit code.
int trainCommand(const Program &program, int argc, char **argv);
int runCommand(const Program &program, int argc, char **argv);
int testCommand(const Program &program, int argc, char **argv);
int infoCommand(const Program &program, int argc, char **argv);

/// The options that every command has: threads and guard.
struct CommonOptions {
  int64_t threads = 0;
  bool guard = false;
  void addTo(Array<OptionSpec> &specs);
  /// Applies them, and NN_THREADS and NN_GUARD.
  bool apply(Error &error);
};

/// Splits `NAME=PATH`.
bool splitAssignment(const char *text, const char *option, Text &name,
                     const char *&value, Error &error);

} // namespace nnrt

#endif // NNRT_COMMANDS_H
