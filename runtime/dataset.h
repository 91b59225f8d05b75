//===- runtime/dataset.h - The data that a program names ------------------===//
#ifndef NNRT_DATASET_H
#define NNRT_DATASET_H

#include "runtime/executor.h"
#include "runtime/tensor.h"

namespace nnrt {

/// `--data NAME=PATH` and `--data-dir`.
struct DataOptions {
  struct Override {
    Text name, path;
  };
  Array<Override> overrides;
  const char *folder = nullptr; ///< Where every file is looked for by name.
};

/// Whether each override names data of this program.
bool checkOverrides(const Program &program, const DataOptions &options,
                    Error &error);

/// One column in memory, the first axis counting the examples.
struct LoadedColumn {
  const char *name;
  const char *origin; ///< The file, for messages.
  Tensor tensor;
};

/// The columns of one or more sources, which advance together.
struct Dataset {
  Array<LoadedColumn> columns;
  Array<Text> names; // Owns what `origin` points to.
  int64_t examples = 0;

  /// Adds the columns of a source. An override applies to a column by its
  /// name; `prefix` ("metric." for a metric's own source, or "") stands
  /// before it.
  bool add(const Source &source, const char *prefix, const DataOptions &options,
           Error &error);

  /// Binds the Input arguments of `function` to columns by name, for `count`
  /// examples. `columnOf` gets a column for each argument, or -1.
  bool bind(const Function &function, int64_t count, const Variables &variables,
            const Team &team, Call &call, Array<int32_t> &columnOf,
            Error &error) const;

  /// Copies the given examples into the arguments of a bound call.
  void gather(const Call &call, const Function &function,
              const Array<int32_t> &columnOf, const int64_t *examples,
              int64_t count) const;

private:
  const char *pathOf(const char *name, const char *path, const char *prefix,
                     const DataOptions &options);
  bool addColumn(const char *name, const char *origin, Tensor tensor,
                 Error &error);
};

} // namespace nnrt

#endif // NNRT_DATASET_H
