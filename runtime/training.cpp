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
/// One block at work: its data, its step bound for a full batch and for what
/// is left at the end of an epoch.
class Trainer {
public:
  Trainer(const Program &program, const Train &train,
          const Variables &variables, const TrainOptions &options,
          CheckpointFile &file, EpochLog &log, Team &team, Error &error)
      : program(program), train(train), variables(variables), options(options),
        file(file), log(log), team(team), error(error),
        function(program.functions[train.stepFunction]) {
    at.overrides = options;
  }

  /// `from` is null at the block's beginning.
  bool prepare(int32_t block, const Checkpoint *from);
  TrainResult run();

private:
  bool split();
  bool goOn(const Checkpoint &from);
  bool bindCall(Call &call, int64_t count);
  bool step(const int64_t *examples, int64_t count, double &loss);
  TrainResult runEpoch(Progress &progress);
  bool finishEpoch(Progress &progress);
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
  const Function &function;

  Checkpoint at;
  Dataset data;
  Array<int64_t> trained, held, order;
  int64_t epochs = 0, stepsPerEpoch = 0, steps = 0;
  int32_t lossResult = -1;
  Call full, partial;
  Array<int32_t> columnOf;
  Metrics metrics;
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

bool Trainer::bindCall(Call &call, int64_t count) {
  if (!data.bind(function, count, variables, team, call, columnOf, error))
    return false;
  call.setScalar(SlotKind::Seed, at.setting.seed);
  call.setScalar(SlotKind::Steps, steps);
  return true;
}

/// Takes over where a checkpoint stands, which must fit the options and the
/// data.
bool Trainer::goOn(const Checkpoint &from) {
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
  at.position = from.position;
  return true;
}

bool Trainer::prepare(int32_t block, const Checkpoint *from) {
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
  int64_t batch = at.setting.batch;
  epochs = options.epochs >= 0 ? options.epochs : train.epochs;
  stepsPerEpoch = (trained.size() + batch - 1) / batch;
  // The slots are i32.
  if (__builtin_mul_overflow(stepsPerEpoch, epochs, &steps) || steps > INT_MAX)
    return error.limit("train %s: more than 2^31 steps", train.name);
  if (at.position.epoch > INT_MAX || stepsOfEpoch() < 0 ||
      stepsOfEpoch() >= stepsPerEpoch)
    return error.set("train %s: step %" PRId64 " is not in epoch %" PRId64,
                     train.name, at.position.step, at.position.epoch + 1);
  for (int32_t i = 0; i < function.resultCount; ++i)
    if (function.results[i].kind == SlotKind::Loss)
      lossResult = i;
  if (lossResult < 0)
    return error.set("train %s: its step gives no loss", train.name);
  if (!bindCall(full, batch))
    return false;
  int64_t rest = trained.size() % batch;
  if (rest && !bindCall(partial, rest))
    return false;
  if (!metrics.bind(program, train, data, trained, held, variables, team,
                    options.data, error))
    return false;
  return from || train.initFunction < 0 ||
         runOnce(program.functions[train.initFunction], at.setting.seed,
                 variables, team, error);
}

bool Trainer::step(const int64_t *examples, int64_t count, double &loss) {
  Call &call = count == at.setting.batch ? full : partial;
  int64_t epoch = at.position.epoch + 1, number = at.position.step + 1;
  data.gather(call, function, columnOf, examples, count);
  call.setScalar(SlotKind::Step, number);
  call.setScalar(SlotKind::Epoch, epoch);
  if (!call.run(team, error))
    return false;
  loss = call.scalarResult(lossResult);
  return std::isfinite(loss) ||
         error.set("training of %s stopped: the loss is %s at step %" PRId64
                   " (epoch %" PRId64 ")",
                   train.name, std::isnan(loss) ? "not a number" : "infinite",
                   number, epoch);
}

/// The rest of an epoch.
TrainResult Trainer::runEpoch(Progress &progress) {
  int64_t epoch = at.position.epoch + 1, batch = at.setting.batch;
  std::copy(trained.begin(), trained.end(), order.begin());
  if (train.shuffle)
    shuffle(order.data(), order.size(), at.setting.seed, epoch);
  for (int64_t begin = stepsOfEpoch() * batch; begin < order.size();
       begin += batch) {
    // Between two steps a checkpoint holds all there is.
    if (interrupted())
      return file.save(at, error) ? TrainResult::Interrupted
                                  : TrainResult::Failed;
    int64_t count = std::min(batch, order.size() - begin);
    double loss;
    if (!step(order.data() + begin, count, loss))
      return TrainResult::Failed;
    ++at.position.step;
    at.position.lossSum += loss * double(count);
    progress.step(epoch, at.position.step, loss, count);
  }
  return TrainResult::Done;
}

bool Trainer::finishEpoch(Progress &progress) {
  double loss = at.position.lossSum / double(order.size());
  at.position.lossSum = 0;
  int64_t epoch = ++at.position.epoch;
  bool reports = progress.reports(epoch) && !options.quiet;
  if ((reports || log.isOpen() || epoch == epochs) &&
      !metrics.evaluate(team, error))
    return false;
  if (reports)
    progress.epoch(epoch, loss, metrics);
  if (log.isOpen() && !log.epoch(epoch, at.position.step, loss, metrics, error))
    return false;
  return !file.due() || epoch == epochs || file.save(at, error);
}

TrainResult Trainer::run() {
  std::printf("train %s: %" PRId64 " examples, batch %" PRId64 ", %" PRId64
              " epoch%s, seed %" PRId64 "\n",
              train.name, trained.size(), at.setting.batch, epochs,
              epochs == 1 ? "" : "s", at.setting.seed);
  if (at.position.step)
    std::printf("going on after step %" PRId64 " (epoch %" PRId64 ")\n",
                at.position.step, at.position.epoch + (stepsOfEpoch() ? 1 : 0));
  std::fflush(stdout);
  if (log.isOpen())
    log.header(metrics);
  Progress progress(epochs, stepsPerEpoch, at.position.step, options.quiet);
  order.resize(trained.size());
  bool evaluated = false;
  while (at.position.epoch < epochs) {
    TrainResult result = runEpoch(progress);
    evaluated = result == TrainResult::Done && finishEpoch(progress);
    if (!evaluated) {
      progress.clear();
      return result == TrainResult::Done ? TrainResult::Failed : result;
    }
  }
  progress.clear();
  if (!file.save(at, error) || (!evaluated && !metrics.evaluate(team, error)))
    return TrainResult::Failed;
  for (int64_t i = 0; i < metrics.size(); ++i)
    std::printf("%s = %.6g\n", metrics.text(i), metrics.value(i));
  std::fflush(stdout);
  return TrainResult::Done;
}

TrainResult trainBlock(const Program &program, int32_t block,
                       const Variables &variables, const TrainOptions &options,
                       const Checkpoint *from, CheckpointFile &file,
                       EpochLog &log, Team &team, Error &error) {
  Trainer trainer(program, program.trains[block], variables, options, file, log,
                  team, error);
  return trainer.prepare(block, from) ? trainer.run() : TrainResult::Failed;
}

} // namespace nnrt
