//===- runtime/training.h - The training loop -----------------------------===//
#ifndef NNRT_TRAINING_H
#define NNRT_TRAINING_H

#include "runtime/checkpoint.h"
#include "runtime/report.h"

namespace nnrt {

/// What the command line changes in a train block.
struct TrainOptions : Overrides {
  bool initialised = false; ///< `--init` stands in for the first `start`.
  bool quiet = false;       ///< One line for a block: `test` trains like this.
  const char *log = nullptr;
  DataOptions data;
  Array<DataOptions::Override> starts; ///< `--start PATH=FILE`.
};

/// What training leaves behind.
struct TrainOutputs {
  CheckpointFile checkpoints;
  EpochLog log;
  Report report;
};

enum class TrainResult { Done, Failed, Interrupted };

/// The seed of a block: the command line's, else its own, else 0.
int64_t seedOf(const Train &train, const TrainOptions &options);

/// Trains one block from the variables' present values: from its beginning, or
/// from where a checkpoint stands in it. Saves at the ends of epochs, when it
/// is done, and when it is interrupted: then it ends after the step in hand.
TrainResult trainBlock(const Program &program, int32_t block,
                       const Variables &variables, const TrainOptions &options,
                       Checkpoint *from, TrainOutputs &outputs, Team &team,
                       Error &error);

} // namespace nnrt

#endif // NNRT_TRAINING_H
