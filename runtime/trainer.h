//===- runtime/trainer.h - One train block at work ------------------------===//
#ifndef NNRT_TRAINER_H
#define NNRT_TRAINER_H

#include "runtime/batch_loader.h"
#include "runtime/training.h"

#include <algorithm>

namespace nnrt {

/// A step of the block: bound for a full batch, for what is left at the end of
/// an epoch, and its update.
struct BoundStep {
  const Step *step;
  Call full, partial, update;
  Array<int32_t> columnOf;
  int32_t lossResult;
  Array<int32_t> sums; ///< The variables that add up gradients.
};

/// Where a batch stands in an epoch.
struct Place {
  int64_t step;  ///< Of the block, from 0.
  int64_t which; ///< Of its `step`s.
  int64_t begin; ///< The first example, in the epoch's order.
};

/// One block at work.
class Trainer {
public:
  Trainer(const Program &program, const Train &train,
          const Variables &variables, const TrainOptions &options,
          TrainOutputs &outputs, Team &team, Error &error)
      : program(program), train(train), variables(variables), options(options),
        file(outputs.checkpoints), log(outputs.log), report(outputs.report),
        team(team), error(error) {
    at.overrides.addMissing(options);
  }

  /// `from` is null at the block's beginning.
  bool prepare(int32_t block, Checkpoint *from);
  TrainResult run();
  /// Adds what was recorded to the report.
  void describe(double seconds);

private:
  bool split();
  bool goOn(Checkpoint &from);
  bool begin();
  bool bindStep(const Step &step, BoundStep &bound);
  Batch batchAt(const Place &place);
  bool advance(Place &place) const;
  bool runBatch(const Place &place, int64_t number, Position::Loss &loss,
                bool alone);
  bool runStep(Place place, Position::Loss &loss, bool alone);
  bool runSteps(bool alone = false);
  void beginEpoch();
  TrainResult runEpoch(Progress &progress);
  bool finishEpoch(Progress &progress);
  bool record();
  bool recordEnd();
  void judge();
  bool save();
  bool isSound();
  bool keepGood();
  bool explain();
  bool findBadStep(int64_t last);
  bool isDone() const {
    return at.position.epoch >= epochs ||
           (train.patience && at.position.stale >= train.patience);
  }
  double epochsDone() const {
    return double(at.position.step) / double(stepsPerEpoch);
  }
  int64_t stepsOfEpoch() const {
    return at.position.step - at.position.epoch * stepsPerEpoch;
  }
  /// The first example of a step, and that behind its last, in the epoch's
  /// order.
  int64_t firstOf(int64_t step) const {
    return (step - at.position.epoch * stepsPerEpoch) * at.setting.batch *
           train.accumulate;
  }
  int64_t endOf(int64_t step) const {
    return std::min(firstOf(step + 1), order.size());
  }

  const Program &program;
  const Train &train;
  const Variables &variables;
  const TrainOptions &options;
  CheckpointFile &file;
  EpochLog &log;
  Report &report;
  Team &team;
  Error &error;

  Checkpoint at;
  BlockData data;
  Array<int64_t> order;
  int64_t epochs = 0, stepsPerEpoch = 0;
  Array<BoundStep> steps;
  Metrics metrics;
  Losses losses;
  BlockRecord recorded; ///< If there is a report.

  // A step that gave a NaN or an infinity (trainer_checks.cpp).
  VariableCopy good; ///< Everything, at goodPosition: all of it finite.
  Position goodPosition;
  Array<bool> checked; ///< The variables that were finite at the beginning.
  double nextCopy = 0;
  const Step *badStep = nullptr;
  double badLoss = 0;
  Text badVariable;

  BatchLoader loader{data.set}; // Ends before what it reads.
};

} // namespace nnrt

#endif // NNRT_TRAINER_H
