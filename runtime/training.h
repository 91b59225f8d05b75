//===- runtime/training.h - The training loop -----------------------------===//
#ifndef NNRT_TRAINING_H
#define NNRT_TRAINING_H

#include "runtime/progress.h"

namespace nnrt {

/// What the command line changes in a train block; -1 (or false) where it
/// says nothing.
struct TrainOptions {
  int64_t epochs = -1, batch = -1, seed = 0;
  bool seedGiven = false;
  bool quiet = false; ///< One line for a block: `test` trains like this.
  const char *log = nullptr;
  DataOptions data;
};

enum class TrainResult { Done, Failed, Interrupted };

/// The seed of a block: the command line's, else its own, else 0.
int64_t seedOf(const Train &train, const TrainOptions &options);

/// Trains one block from the variables' present values. Ends at the next step
/// after Ctrl-C.
TrainResult trainBlock(const Program &program, const Train &train,
                       const Variables &variables, const TrainOptions &options,
                       EpochLog &log, Team &team, Error &error);

} // namespace nnrt

#endif // NNRT_TRAINING_H
