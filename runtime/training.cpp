//===- runtime/training.cpp -----------------------------------------------===//
#include "runtime/clock.h"
#include "runtime/interrupt.h"
#include "runtime/json.h"
#include "runtime/philox.h"
#include "runtime/trainer.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstring>

namespace nnrt {

Batch Trainer::batchAt(const Place &place) {
  BoundStep &bound = steps[place.which];
  int64_t count = std::min(at.setting.batch, endOf(place.step) - place.begin);
  return {count == at.setting.batch ? &bound.full : &bound.partial,
          &program.functions[bound.step->function], &bound.columnOf,
          order.data() + place.begin, count};
}

/// To the next batch of the epoch: of the same `step`, of the next one whose
/// turn it is, or of the next step of the block. False behind the last.
bool Trainer::advance(Place &place) const {
  place.begin += at.setting.batch;
  if (place.begin < endOf(place.step))
    return true;
  do {
    if (++place.which < steps.size())
      continue;
    place.which = 0;
    if (firstOf(++place.step) >= order.size())
      return false;
  } while ((place.step + 1) % steps[place.which].step->every);
  place.begin = firstOf(place.step);
  return true;
}

/// The next batch is gathered while this one's step runs.
bool Trainer::runBatch(const Place &place, int64_t number, Position::Loss &loss,
                       bool alone) {
  BoundStep &bound = steps[place.which];
  Batch batch = batchAt(place);
  Call &call = *batch.call;
  loader.load(batch);
  Place next = place;
  if (advance(next))
    loader.begin(batchAt(next));
  call.setScalar(SlotKind::Step, number);
  call.setScalar(SlotKind::Epoch, at.position.epoch + 1);
  if (!(alone ? call.runAlone(team, error) : call.run(team, error)))
    return false;
  double value = call.scalarResult(bound.lossResult);
  loss.sum += value * double(batch.count);
  loss.count += batch.count;
  if (std::isfinite(value))
    return true;
  badStep = bound.step;
  badLoss = value;
  return false;
}

/// One step of a `step` (its own number): its batches, then its update.
bool Trainer::runStep(Place place, Position::Loss &loss, bool alone) {
  BoundStep &bound = steps[place.which];
  for (int32_t sum : bound.sums) {
    TensorView view = variables.view(sum);
    std::memset(view.data, 0,
                elementCount(view.shape, view.rank) * elemSize(view.elem));
  }
  int64_t number = (place.step + 1) / bound.step->every, batches = 0;
  for (; place.begin < endOf(place.step); place.begin += at.setting.batch)
    // Each batch draws its own random numbers.
    if (!runBatch(place, (number - 1) * train.accumulate + ++batches, loss,
                  alone))
      return false;
  if (bound.step->updateFunction < 0)
    return true;
  bound.update.setScalar(SlotKind::Step, number);
  bound.update.setScalar(SlotKind::Epoch, at.position.epoch + 1);
  bound.update.setScalar(SlotKind::Count, batches);
  return alone ? bound.update.runAlone(team, error)
               : bound.update.run(team, error);
}

void Trainer::beginEpoch() {
  loader.forget();
  std::copy(data.trained.begin(), data.trained.end(), order.begin());
  if (train.shuffle)
    shuffle(order.data(), order.size(), at.setting.seed, at.position.epoch + 1);
}

/// One step of the block: of its `step`s those whose turn it is.
bool Trainer::runSteps(bool alone) {
  int64_t step = at.position.step;
  for (int64_t i = 0; i < steps.size(); ++i) {
    if ((step + 1) % steps[i].step->every)
      continue;
    Position::Loss loss;
    if (!runStep({step, i, firstOf(step)}, loss, alone))
      return false;
    losses.values[i] = loss.sum / double(loss.count);
    at.position.losses[i].sum += loss.sum;
    at.position.losses[i].count += loss.count;
  }
  ++at.position.step;
  return true;
}

/// For the report: the losses of this step and, some twenty times in a
/// training, the gradients.
bool Trainer::record() {
  for (int64_t i = 0; i < steps.size(); ++i)
    if (at.position.step % steps[i].step->every == 0)
      recorded.loss(i, epochsDone(), losses.values[i]);
  int64_t every = std::max<int64_t>(1, epochs * stepsPerEpoch / 20);
  return at.position.step % every ||
         recorded.gradients(epochsDone(), team, error);
}

/// With the weights that training leaves.
bool Trainer::recordEnd() {
  recorded.finish(metrics);
  return recorded.gradients(epochsDone(), team, error) &&
         recorded.pictures(team, error);
}

/// The rest of an epoch.
TrainResult Trainer::runEpoch(Progress &progress) {
  beginEpoch();
  int64_t epoch = at.position.epoch + 1;
  while (stepsOfEpoch() < stepsPerEpoch) {
    // Between two steps a checkpoint holds all there is.
    if (interrupted())
      return save() ? TrainResult::Interrupted : TrainResult::Failed;
    int64_t step = at.position.step;
    if (!runSteps())
      return badStep ? (explain(), TrainResult::Failed) : TrainResult::Failed;
    progress.step(epoch, at.position.step, losses, endOf(step) - firstOf(step));
    if (report.isOpen() && !record())
      return TrainResult::Failed;
    // Asking for the time costs as much as a small step.
    if (at.position.step % 16 == 0 && !keepGood())
      return TrainResult::Failed;
  }
  return TrainResult::Done;
}

/// Whether this epoch's first metric is the best so far.
void Trainer::judge() {
  Position &position = at.position;
  double value = metrics.value(0);
  // NaN is no best.
  bool better = std::isnan(position.best)
                    ? !std::isnan(value)
                    : (train.highestIsBest ? value > position.best
                                           : value < position.best);
  ++position.stale;
  if (!better)
    return;
  position.best = value;
  position.bestEpoch = position.epoch;
  position.stale = 0;
  at.best.update(variables);
}

bool Trainer::finishEpoch(Progress &progress) {
  int64_t epoch = ++at.position.epoch;
  for (int64_t i = 0; i < steps.size(); ++i) {
    Position::Loss &loss = at.position.losses[i];
    losses.values[i] = loss.count ? loss.sum / double(loss.count) : NAN;
    loss = {};
  }
  bool judges = train.keepsBest || train.patience;
  bool reports = progress.reports(epoch) && !options.quiet;
  if (reports || judges || log.isOpen() || report.isOpen() || epoch == epochs) {
    if (!metrics.evaluate(team, error))
      return false;
    recorded.metrics(epoch, metrics);
  }
  if (judges)
    judge();
  if (reports)
    progress.epoch(epoch, losses, metrics);
  if (log.isOpen() &&
      !log.epoch(epoch, at.position.step, losses, metrics, error))
    return false;
  return !file.due() || isDone() || save();
}

TrainResult Trainer::run() {
  const Position &position = at.position;
  std::printf("train %s: %" PRId64 " example%s, batch %" PRId64 ", %" PRId64
              " epoch%s, seed %" PRId64 "\n",
              train.name, data.trained.size(),
              data.trained.size() == 1 ? "" : "s", at.setting.batch, epochs,
              epochs == 1 ? "" : "s", at.setting.seed);
  if (position.step)
    std::printf("going on after step %" PRId64 " (epoch %" PRId64 ")\n",
                position.step, position.epoch + (stepsOfEpoch() ? 1 : 0));
  std::fflush(stdout);
  if (log.isOpen())
    log.header(losses, metrics);
  Progress progress(epochs, stepsPerEpoch, position.step, options.quiet);
  if (!good.take(program, variables, VariableCopy::All, error) || !keepGood())
    return TrainResult::Failed;
  if (report.isOpen() && (!recorded.gradients(epochsDone(), team, error) ||
                          !recorded.pictures(team, error)))
    return TrainResult::Failed;
  bool evaluated = false;
  while (!isDone()) {
    TrainResult result = runEpoch(progress);
    evaluated = result == TrainResult::Done && finishEpoch(progress);
    if (!evaluated) {
      progress.clear();
      return result == TrainResult::Done ? TrainResult::Failed : result;
    }
  }
  progress.clear();
  if (!save())
    return TrainResult::Failed;
  if (train.patience && position.epoch < epochs)
    std::printf("stopped after epoch %" PRId64 ": no better %s for %" PRId64
                " epoch%s\n",
                position.epoch, metrics.label(0), position.stale,
                position.stale == 1 ? "" : "s");
  if (train.keepsBest && position.bestEpoch) {
    std::printf("best: epoch %" PRId64 ", %s %.6g\n", position.bestEpoch,
                metrics.label(0), position.best);
    at.best.restore(variables);
    evaluated = false;
  }
  if (!evaluated && !metrics.evaluate(team, error))
    return TrainResult::Failed;
  if (report.isOpen() && !recordEnd())
    return TrainResult::Failed;
  for (int64_t i = 0; i < metrics.size(); ++i)
    std::printf("%s = %.6g\n", metrics.text(i), metrics.value(i));
  std::fflush(stdout);
  return TrainResult::Done;
}

void Trainer::describe(double seconds) {
  Text facts("\"name\":");
  appendJsonString(facts, train.name);
  facts.format(",\"examples\":%" PRId64 ",\"held\":%" PRId64
               ",\"batch\":%" PRId64 ",\"epochs\":%" PRId64 ",\"done\":%" PRId64
               ",\"seed\":%" PRId64 ",\"seconds\":%.3f,\"clauses\":[",
               data.trained.size(), data.held.size(), at.setting.batch, epochs,
               at.position.epoch, at.setting.seed, seconds);
  for (int32_t i = 0; i < train.clauseCount; ++i) {
    facts.append(i ? "," : "");
    appendJsonString(facts, train.clauses[i]);
  }
  report.add(recorded.text(facts.append("],"), losses, metrics));
}

TrainResult trainBlock(const Program &program, int32_t block,
                       const Variables &variables, const TrainOptions &options,
                       Checkpoint *from, TrainOutputs &outputs, Team &team,
                       Error &error) {
  Trainer trainer(program, program.trains[block], variables, options, outputs,
                  team, error);
  if (!trainer.prepare(block, from))
    return TrainResult::Failed;
  double begin = now();
  TrainResult result = trainer.run();
  if (outputs.report.isOpen())
    trainer.describe(now() - begin);
  return result;
}

} // namespace nnrt
