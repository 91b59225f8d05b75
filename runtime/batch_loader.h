//===- runtime/batch_loader.h - Gathers the next batch beside a step ------===//
#ifndef NNRT_BATCH_LOADER_H
#define NNRT_BATCH_LOADER_H

#include "runtime/background.h"
#include "runtime/dataset.h"

namespace nnrt {

/// Examples, and the call that takes them.
struct Batch {
  Call *call = nullptr;
  const Function *function = nullptr;
  const Array<int32_t> *columnOf = nullptr; ///< As Dataset::bind gave it.
  const int64_t *examples = nullptr;
  int64_t count = 0;
};

/// Puts batches into the arguments of calls; those that are large, on a thread
/// of its own, while the call runs for the batch before.
class BatchLoader {
public:
  explicit BatchLoader(const Dataset &set) : set(set) {}
  BatchLoader(const BatchLoader &) = delete;
  ~BatchLoader() { forget(); }

  /// Before a call is used: second buffers for it, if its batches are large.
  bool prepare(Call &call, Error &error);
  /// Gives the call its batch: the one that was begun, or else now.
  void load(const Batch &batch);
  /// Begins with a batch. Its call, data and list of examples stay as they
  /// are until it is loaded or forgotten.
  void begin(const Batch &batch);
  void forget();

private:
  static void gather(void *self);

  const Dataset &set;
  Background background;
  Batch begun; ///< Without a call: none.
};

} // namespace nnrt

#endif // NNRT_BATCH_LOADER_H
