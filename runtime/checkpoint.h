//===- runtime/checkpoint.h - Weight files that training can go on from ---===//
//
// A checkpoint is a weight file with more in it: the tensors of the optimizer
// of the train block in work, and where that block stands, as metadata. Random
// numbers are functions of seed and step, so that is all that a run needs to go
// on to the same bits. Where the best weights are kept, they are the file's
// weights, and those of the last step stand beside them as "last.PATH".
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_CHECKPOINT_H
#define NNRT_CHECKPOINT_H

#include "runtime/variable_copy.h"

#include <cmath>

namespace nnrt {

/// Where training stands between two steps.
struct Position {
  int64_t block = 0;                ///< The train block in work, from 0.
  int64_t epoch = 0;                ///< Whole epochs done.
  int64_t step = 0;                 ///< Steps done in all.
  int64_t bestEpoch = 0, stale = 0; ///< Epochs since then.
  double best = NAN;                ///< The first metric of the best epoch.
  /// Of each `step` of the block, over the examples of the epoch that has
  /// begun.
  struct Loss {
    double sum = 0;
    int64_t count = 0;
  };
  Array<Loss> losses;

  Position() = default;
  Position(Position &&) = default;
  Position &operator=(Position &&) = default;
  Position copy() const;
};

/// What a block was trained with, which a run that goes on must have too.
struct Setting {
  int64_t seed = 0, batch = 0, examples = 0;
};

/// What the command line changes in a train block; -1 (or false) where it
/// says nothing.
struct Overrides {
  int64_t epochs = -1, batch = -1, seed = 0;
  bool seedGiven = false;

  /// What this one does not say, `older` does.
  void addMissing(const Overrides &older);
};

struct Checkpoint {
  Position position;
  Setting setting;
  Overrides overrides;
  VariableCopy best; ///< Empty if they are not kept.
};

/// Fills the variables and `checkpoint`.
bool loadCheckpoint(const char *path, const Program &program,
                    const Variables &variables, Checkpoint &checkpoint,
                    Error &error);

/// The file that training writes to, if any.
class CheckpointFile {
public:
  CheckpointFile(const Program &program, const Variables &variables,
                 const char *path);

  /// Whether saving now keeps its cost below a tenth of the time.
  bool due() const;
  /// Does nothing if there is no file.
  bool save(Checkpoint &checkpoint, Error &error);

private:
  const Program &program;
  const Variables &variables;
  const char *path;
  double next;
};

} // namespace nnrt

#endif // NNRT_CHECKPOINT_H
