//===- runtime/training.cpp -----------------------------------------------===//
#include "runtime/training.h"
#include "runtime/interrupt.h"
#include "runtime/philox.h"

#include <algorithm>
#include <cinttypes>
#include <climits>
#include <cmath>

namespace nnrt {

int64_t seedOf(const Train &train, const TrainOptions &options) {
  return options.seedGiven ? options.seed : train.seedGiven ? train.seed : 0;
}

namespace {
/// A step of the block: bound for a full batch, for what is left at the end of
/// an epoch, and its update.
struct BoundStep {
  const Step *step;
  Call full, partial, update;
  Array<int32_t> columnOf;
  int32_t lossResult;
  Array<int32_t> sums; ///< The variables that add up gradients.
};

/// One block at work.
class Trainer {
public:
  Trainer(const Program &program, const Train &train,
          const Variables &variables, const TrainOptions &options,
          CheckpointFile &file, EpochLog &log, Team &team, Error &error)
      : program(program), train(train), variables(variables), options(options),
        file(file), log(log), team(team), error(error) {
    at.overrides.addMissing(options);
  }

  /// `from` is null at the block's beginning.
  bool prepare(int32_t block, Checkpoint *from);
  TrainResult run();

private:
  bool split();
  bool goOn(Checkpoint &from);
  bool begin();
  bool bindStep(const Step &step, BoundStep &bound);
  bool runBatch(BoundStep &bound, Call &call, const int64_t *examples,
                int64_t count, int64_t number, Position::Loss &loss);
  bool runStep(BoundStep &bound, int64_t number, const int64_t *examples,
               int64_t count, Position::Loss &loss);
  TrainResult runEpoch(Progress &progress);
  bool finishEpoch(Progress &progress);
  void judge();
  bool isDone() const {
    return at.position.epoch >= epochs ||
           (train.patience && at.position.stale >= train.patience);
  }
  int64_t stepsOfEpoch() const {
    return at.position.step - at.position.epoch * stepsPerEpoch;
  }

  const Program &program;
  const Train &train;
  const Variables &variables;
  const TrainOptions &options;
  CheckpointFile &file;
  EpochLog &log;
  Team &team;
  Error &error;

  Checkpoint at;
  Dataset data;
  Array<int64_t> trained, held, order;
  int64_t epochs = 0, stepsPerEpoch = 0;
  Array<BoundStep> steps;
  Metrics metrics;
  Losses losses;
};
} // namespace

/// Divides the examples into those trained on and those held back: the last
/// ones, after a shuffle if the block shuffles at all.
bool Trainer::split() {
  Array<int64_t> order;
  for (int64_t i = 0; i < data.examples; ++i)
    order.push(i);
  auto heldCount = int64_t(std::floor(train.hold * double(data.examples)));
  heldCount = std::clamp<int64_t>(heldCount, 0, data.examples);
  if (heldCount && train.shuffle)
    shuffle(order.data(), order.size(), at.setting.seed, 0);
  int64_t kept = data.examples - heldCount;
  for (int64_t i = 0; i < data.examples; ++i)
    (i < kept ? trained : held).push(order[i]);
  std::sort(trained.begin(), trained.end());
  return kept || error.set("train %s: every example is held back", train.name);
}

bool Trainer::bindStep(const Step &step, BoundStep &bound) {
  const Function &function = program.functions[step.function];
  bound.step = &step;
  bound.lossResult = -1;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    const Slot &slot = function.results[i];
    if (slot.kind == SlotKind::Loss)
      bound.lossResult = i;
    if (slot.kind == SlotKind::Variable &&
        program.variables[slot.variable].kind == VariableKind::GradientSum)
      bound.sums.push(slot.variable);
  }
  if (bound.lossResult < 0)
    return error.set("train %s: its step gives no loss", train.name);
  int64_t steps = std::max<int64_t>(stepsPerEpoch * epochs / step.every, 1);
  auto bind = [&](Call &call, int64_t count) {
    if (!data.bind(function, count, variables, team, call, bound.columnOf,
                   error))
      return false;
    call.setScalar(SlotKind::Seed, at.setting.seed);
    call.setScalar(SlotKind::Steps, steps);
    return true;
  };
  int64_t rest = trained.size() % at.setting.batch;
  if (!bind(bound.full, at.setting.batch) ||
      (rest && !bind(bound.partial, rest)))
    return false;
  if (step.updateFunction < 0)
    return true;
  const Function &update = program.functions[step.updateFunction];
  Array<Offer> none;
  none.resize(update.argCount);
  if (!bound.update.bind(update, none.data(), nullptr, variables, team, error))
    return false;
  bound.update.setScalar(SlotKind::Seed, at.setting.seed);
  bound.update.setScalar(SlotKind::Steps, steps);
  return true;
}

/// Takes over where a checkpoint stands, which must fit the options and the
/// data.
bool Trainer::goOn(Checkpoint &from) {
  const Setting &old = from.setting;
  if (options.seedGiven && options.seed != old.seed)
    return error.set("training goes on with seed %" PRId64 ", not %" PRId64
                     "; --init starts anew from its weights",
                     old.seed, options.seed);
  // A batch is at most the data.
  if (options.batch > 0 && std::min(options.batch, old.examples) != old.batch)
    return error.set("training goes on with batch %" PRId64 ", not %" PRId64
                     "; --init starts anew from its weights",
                     old.batch, options.batch);
  at.setting = old;
  at.position = std::move(from.position);
  at.best = std::move(from.best);
  return true;
}

/// At the block's beginning: the first values that it gives.
bool Trainer::begin() {
  bool replaced = options.initialised && at.position.block == 0;
  for (int32_t i = 0; i < train.startCount && !replaced; ++i) {
    const Start &start = train.starts[i];
    const char *path = start.file;
    for (const DataOptions::Override &override : options.starts)
      if (override.name == start.path)
        path = override.path.c_str();
    if (!variables.loadBelow(start.path, path, error))
      return false;
  }
  at.position.losses.resize(train.stepCount);
  if (train.keepsBest && !at.best.take(program, variables, error))
    return false;
  return train.initFunction < 0 ||
         runOnce(program.functions[train.initFunction], at.setting.seed,
                 variables, team, error);
}

bool Trainer::prepare(int32_t block, Checkpoint *from) {
  at.position.block = block;
  at.setting.seed = seedOf(train, options);
  at.setting.batch = options.batch > 0 ? options.batch : train.batch;
  if (from && !goOn(*from))
    return false;
  for (int32_t i = 0; i < train.sourceCount; ++i)
    if (!data.add(program.sources[train.sources[i]], "", options.data, error))
      return false;
  if (data.columns.empty())
    return error.set("train %s has no data", train.name);
  if (!split())
    return false;
  if (from && at.setting.examples != trained.size())
    return error.set("train %s: training stopped with %" PRId64
                     " examples, and now there are %" PRId64,
                     train.name, at.setting.examples, trained.size());
  at.setting.examples = trained.size();
  if (at.setting.batch > trained.size())
    at.setting.batch = trained.size();
  int64_t batch = at.setting.batch, steps;
  epochs = options.epochs >= 0 ? options.epochs : train.epochs;
  int64_t batches = (trained.size() + batch - 1) / batch;
  stepsPerEpoch = (batches + train.accumulate - 1) / train.accumulate;
  // The slots are i32.
  if (__builtin_mul_overflow(batches, epochs, &steps) || steps > INT_MAX)
    return error.limit("train %s: more than 2^31 steps", train.name);
  if (at.position.epoch > INT_MAX || stepsOfEpoch() < 0 ||
      stepsOfEpoch() >= stepsPerEpoch)
    return error.set("train %s: step %" PRId64 " is not in epoch %" PRId64,
                     train.name, at.position.step, at.position.epoch + 1);
  if (!from && !begin())
    return false;
  this->steps.resize(train.stepCount);
  for (int32_t i = 0; i < train.stepCount; ++i) {
    if (!bindStep(train.steps[i], this->steps[i]))
      return false;
    Text &label = losses.labels.push(Text("loss"));
    if (*train.steps[i].name)
      label.append(" ").append(train.steps[i].name);
  }
  losses.values.resize(train.stepCount);
  order.resize(trained.size());
  return metrics.bind(program, train, data, trained, held, variables, team,
                      options.data, error);
}

bool Trainer::runBatch(BoundStep &bound, Call &call, const int64_t *examples,
                       int64_t count, int64_t number, Position::Loss &loss) {
  data.gather(call, program.functions[bound.step->function], bound.columnOf,
              examples, count);
  call.setScalar(SlotKind::Step, number);
  call.setScalar(SlotKind::Epoch, at.position.epoch + 1);
  if (!call.run(team, error))
    return false;
  double value = call.scalarResult(bound.lossResult);
  loss.sum += value * double(count);
  loss.count += count;
  return std::isfinite(value) ||
         error.set("training of %s stopped: the loss is %s at step %" PRId64
                   " (epoch %" PRId64 ")",
                   train.name, std::isnan(value) ? "not a number" : "infinite",
                   at.position.step + 1, at.position.epoch + 1);
}

/// One step of a `step` (its own number): its batches, then its update.
bool Trainer::runStep(BoundStep &bound, int64_t number, const int64_t *examples,
                      int64_t count, Position::Loss &loss) {
  for (int32_t sum : bound.sums) {
    TensorView view = variables.view(sum);
    std::memset(view.data, 0,
                elementCount(view.shape, view.rank) * elemSize(view.elem));
  }
  int64_t batch = at.setting.batch, batches = 0;
  for (int64_t begin = 0; begin < count; begin += batch) {
    int64_t size = std::min(batch, count - begin);
    // Each batch draws its own random numbers.
    int64_t place = (number - 1) * train.accumulate + ++batches;
    if (!runBatch(bound, size == batch ? bound.full : bound.partial,
                  examples + begin, size, place, loss))
      return false;
  }
  if (bound.step->updateFunction < 0)
    return true;
  bound.update.setScalar(SlotKind::Step, number);
  bound.update.setScalar(SlotKind::Epoch, at.position.epoch + 1);
  bound.update.setScalar(SlotKind::Count, batches);
  return bound.update.run(team, error);
}

/// The rest of an epoch.
TrainResult Trainer::runEpoch(Progress &progress) {
  int64_t epoch = at.position.epoch + 1;
  std::copy(trained.begin(), trained.end(), order.begin());
  if (train.shuffle)
    shuffle(order.data(), order.size(), at.setting.seed, epoch);
  int64_t most = at.setting.batch * train.accumulate;
  for (int64_t begin = stepsOfEpoch() * most; begin < order.size();
       begin += most) {
    // Between two steps a checkpoint holds all there is.
    if (interrupted())
      return file.save(at, error) ? TrainResult::Interrupted
                                  : TrainResult::Failed;
    int64_t count = std::min(most, order.size() - begin);
    int64_t number = at.position.step + 1;
    for (int64_t i = 0; i < steps.size(); ++i) {
      if (number % steps[i].step->every)
        continue;
      Position::Loss loss;
      if (!runStep(steps[i], number / steps[i].step->every,
                   order.data() + begin, count, loss))
        return TrainResult::Failed;
      losses.values[i] = loss.sum / double(loss.count);
      at.position.losses[i].sum += loss.sum;
      at.position.losses[i].count += loss.count;
    }
    ++at.position.step;
    progress.step(epoch, at.position.step, losses, count);
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
  if ((reports || judges || log.isOpen() || epoch == epochs) &&
      !metrics.evaluate(team, error))
    return false;
  if (judges)
    judge();
  if (reports)
    progress.epoch(epoch, losses, metrics);
  if (log.isOpen() &&
      !log.epoch(epoch, at.position.step, losses, metrics, error))
    return false;
  return !file.due() || isDone() || file.save(at, error);
}

TrainResult Trainer::run() {
  const Position &position = at.position;
  std::printf("train %s: %" PRId64 " examples, batch %" PRId64 ", %" PRId64
              " epoch%s, seed %" PRId64 "\n",
              train.name, trained.size(), at.setting.batch, epochs,
              epochs == 1 ? "" : "s", at.setting.seed);
  if (position.step)
    std::printf("going on after step %" PRId64 " (epoch %" PRId64 ")\n",
                position.step, position.epoch + (stepsOfEpoch() ? 1 : 0));
  std::fflush(stdout);
  if (log.isOpen())
    log.header(losses, metrics);
  Progress progress(epochs, stepsPerEpoch, position.step, options.quiet);
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
  if (!file.save(at, error))
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
  for (int64_t i = 0; i < metrics.size(); ++i)
    std::printf("%s = %.6g\n", metrics.text(i), metrics.value(i));
  std::fflush(stdout);
  return TrainResult::Done;
}

TrainResult trainBlock(const Program &program, int32_t block,
                       const Variables &variables, const TrainOptions &options,
                       Checkpoint *from, CheckpointFile &file, EpochLog &log,
                       Team &team, Error &error) {
  Trainer trainer(program, program.trains[block], variables, options, file, log,
                  team, error);
  return trainer.prepare(block, from) ? trainer.run() : TrainResult::Failed;
}

} // namespace nnrt
