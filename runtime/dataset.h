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

/// A file as it was read.
struct DataFile {
  SourceKind kind;
  Text path;
  Text bytes;    ///< text, npz
  Tensor tensor; ///< The other kinds: the whole of it.
};

/// One column in memory, the first axis of `tensor` counting the examples. It
/// may be a view of a file: examples begin `step` elements apart, with others'
/// elements between them (csv) or overlapping (text).
struct LoadedColumn {
  const char *name;
  const char *origin; ///< The file, for messages.
  Tensor tensor;
  int64_t step;

  int64_t exampleSize() const;
  const void *example(int64_t i) const;
};

/// Which buffers of a call get a batch.
enum class Target { Argument, Spare };

/// The columns of one or more sources, which advance together.
struct Dataset {
  Array<LoadedColumn> columns;
  Array<DataFile> files; // What columns are views of.
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

  /// Copies the given examples into the Inputs of a bound call.
  void gather(const Call &call, const Function &function,
              const Array<int32_t> &columnOf, const int64_t *examples,
              int64_t count, Target target = Target::Argument) const;

private:
  bool addColumn(const Source &source, const Column &column, const char *origin,
                 LoadedColumn &loaded, Error &error);
  const DataFile *read(SourceKind kind, const char *path, Error &error);
};

} // namespace nnrt

#endif // NNRT_DATASET_H
