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
          EpochLog &log, Team &team, Error &error)
      : program(program), train(train), variables(variables), options(options),
        log(log), team(team), error(error),
        function(program.functions[train.stepFunction]),
        seed(seedOf(train, options)) {}

  bool prepare();
  TrainResult run();

private:
  bool split();
  bool bindCall(Call &call, int64_t count);
  bool step(Call &call, int64_t epoch, int64_t number, const int64_t *examples,
            int64_t count, double &loss);
  bool finishEpoch(int64_t epoch, double loss, Progress &progress);

  const Program &program;
  const Train &train;
  const Variables &variables;
  const TrainOptions &options;
  EpochLog &log;
  Team &team;
  Error &error;
  const Function &function;
  const int64_t seed;

  Dataset data;
  Array<int64_t> trained, held;
  int64_t batch = 0, epochs = 0, stepsPerEpoch = 0, steps = 0;
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
    shuffle(order.data(), order.size(), seed, 0);
  int64_t kept = data.examples - heldCount;
  for (int64_t i = 0; i < data.examples; ++i)
    (i < kept ? trained : held).push(order[i]);
  std::sort(trained.begin(), trained.end());
  return kept || error.set("train %s: every example is held back", train.name);
}

bool Trainer::bindCall(Call &call, int64_t count) {
  if (!data.bind(function, count, variables, team, call, columnOf, error))
    return false;
  call.setScalar(SlotKind::Seed, seed);
  call.setScalar(SlotKind::Steps, steps);
  return true;
}

bool Trainer::prepare() {
  for (int32_t i = 0; i < train.sourceCount; ++i)
    if (!data.add(program.sources[train.sources[i]], "", options.data, error))
      return false;
  if (data.columns.empty())
    return error.set("train %s has no data", train.name);
  if (!split())
    return false;
  batch = options.batch > 0 ? options.batch : train.batch;
  if (batch <= 0 || batch > trained.size())
    batch = trained.size();
  epochs = options.epochs >= 0 ? options.epochs : train.epochs;
  stepsPerEpoch = (trained.size() + batch - 1) / batch;
  // The slots are i32.
  if (__builtin_mul_overflow(stepsPerEpoch, epochs, &steps) || steps > INT_MAX)
    return error.limit("train %s: more than 2^31 steps", train.name);
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
  return train.initFunction < 0 ||
         runOnce(program.functions[train.initFunction], seed, variables, team,
                 error);
}

bool Trainer::step(Call &call, int64_t epoch, int64_t number,
                   const int64_t *examples, int64_t count, double &loss) {
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

bool Trainer::finishEpoch(int64_t epoch, double loss, Progress &progress) {
  bool reports = progress.reports(epoch) && !options.quiet;
  if ((reports || log.isOpen() || epoch == epochs) &&
      !metrics.evaluate(team, error))
    return false;
  if (reports)
    progress.epoch(epoch, loss, metrics);
  return !log.isOpen() ||
         log.epoch(epoch, epoch * stepsPerEpoch, loss, metrics, error);
}

TrainResult Trainer::run() {
  std::printf("train %s: %" PRId64 " examples, batch %" PRId64 ", %" PRId64
              " epoch%s, seed %" PRId64 "\n",
              train.name, trained.size(), batch, epochs, epochs == 1 ? "" : "s",
              seed);
  std::fflush(stdout);
  if (log.isOpen())
    log.header(metrics);
  Progress progress(epochs, stepsPerEpoch, options.quiet);
  Array<int64_t> order;
  order.resize(trained.size());
  int64_t number = 0;
  double meanLoss = NAN;
  for (int64_t epoch = 1; epoch <= epochs; ++epoch) {
    std::copy(trained.begin(), trained.end(), order.begin());
    if (train.shuffle)
      shuffle(order.data(), order.size(), seed, epoch);
    double sum = 0;
    for (int64_t at = 0; at < order.size(); at += batch) {
      int64_t count = std::min(batch, order.size() - at);
      double loss;
      if (!step(count == batch ? full : partial, epoch, ++number,
                order.data() + at, count, loss)) {
        progress.clear();
        return TrainResult::Failed;
      }
      sum += loss * double(count);
      progress.step(epoch, number, loss, count);
      if (interrupted()) {
        progress.clear();
        return TrainResult::Interrupted;
      }
    }
    meanLoss = sum / double(order.size());
    if (!finishEpoch(epoch, meanLoss, progress)) {
      progress.clear();
      return TrainResult::Failed;
    }
  }
  progress.clear();
  if (epochs == 0 && !metrics.evaluate(team, error))
    return TrainResult::Failed;
  for (int64_t i = 0; i < metrics.size(); ++i)
    std::printf("%s = %.6g\n", metrics.text(i), metrics.value(i));
  std::fflush(stdout);
  return TrainResult::Done;
}

TrainResult trainBlock(const Program &program, const Train &train,
                       const Variables &variables, const TrainOptions &options,
                       EpochLog &log, Team &team, Error &error) {
  Trainer trainer(program, train, variables, options, log, team, error);
  return trainer.prepare() ? trainer.run() : TrainResult::Failed;
}

} // namespace nnrt
