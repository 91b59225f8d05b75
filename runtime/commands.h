//===- runtime/commands.h - What a built program can do -------------------===//
#ifndef NNRT_COMMANDS_H
#define NNRT_COMMANDS_H

#include "runtime/dataset.h"
#include "runtime/options.h"
#include "runtime/program.h"

namespace nnrt {

/// The options that every command has: threads and guard.
struct CommonOptions {
  int64_t threads = 0;
  bool guard = false;
  void addTo(Array<OptionSpec> &specs);
  /// Applies them, and NN_THREADS, NN_GUARD and NN_PIN.
  bool apply(Error &error);
};

/// `--data` (whose texts go to `data`) and `--data-dir`.
void addDataOptions(Array<OptionSpec> &specs, Array<const char *> &data,
                    DataOptions &options);

/// Splits each `NAME=PATH` that stood after `option`.
bool addOverrides(const Array<const char *> &texts, const char *option,
                  Array<DataOptions::Override> &overrides, Error &error);

} // namespace nnrt

// codegen/program_table.cpp knows which of them a program needs.
extern "C" {
extern const nnrt::Command nnrt_train, nnrt_run, nnrt_test, nnrt_grad,
    nnrt_bench, nnrt_info;
}

#endif // NNRT_COMMANDS_H
