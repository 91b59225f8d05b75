//===- runtime/commands.h - What a built program can do -------------------===//
#ifndef NNRT_COMMANDS_H
#define NNRT_COMMANDS_H

#include "runtime/dataset.h"
#include "runtime/options.h"
#include "runtime/program.h"

namespace nnrt {

/// A command gets the arguments after its name and returns the exit code.
int trainCommand(const Program &program, int argc, char **argv);
int runCommand(const Program &program, int argc, char **argv);
int testCommand(const Program &program, int argc, char **argv);
int infoCommand(const Program &program, int argc, char **argv);
int gradCommand(const Program &program, int argc, char **argv);
int benchCommand(const Program &program, int argc, char **argv);

/// The options that every command has: threads and guard.
struct CommonOptions {
  int64_t threads = 0;
  bool guard = false;
  void addTo(Array<OptionSpec> &specs);
  /// Applies them, and NN_THREADS and NN_GUARD.
  bool apply(Error &error);
};

/// `--data` (whose texts go to `data`) and `--data-dir`.
void addDataOptions(Array<OptionSpec> &specs, Array<const char *> &data,
                    DataOptions &options);

/// Splits each `NAME=PATH` that stood after `option`.
bool addOverrides(const Array<const char *> &texts, const char *option,
                  Array<DataOptions::Override> &overrides, Error &error);

} // namespace nnrt

#endif // NNRT_COMMANDS_H
