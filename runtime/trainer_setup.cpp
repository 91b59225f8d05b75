//===- runtime/trainer_setup.cpp - Before the first step ------------------===//
#include "runtime/philox.h"
#include "runtime/trainer.h"

#include <algorithm>
#include <cinttypes>
#include <climits>
#include <cmath>

namespace nnrt {

int64_t seedOf(const Train &train, const TrainOptions &options) {
  return options.seedGiven ? options.seed : train.seedGiven ? train.seed : 0;
}

/// Divides the examples into those trained on and those held back: the last
/// ones, after a shuffle if the block shuffles at all.
bool Trainer::split() {
  Array<int64_t> order;
  for (int64_t i = 0; i < data.set.examples; ++i)
    order.push(i);
  auto heldCount = int64_t(std::floor(train.hold * double(data.set.examples)));
  heldCount = std::clamp<int64_t>(heldCount, 0, data.set.examples);
  if (heldCount && train.shuffle)
    shuffle(order.data(), order.size(), at.setting.seed, 0);
  int64_t kept = data.set.examples - heldCount;
  for (int64_t i = 0; i < data.set.examples; ++i)
    (i < kept ? data.trained : data.held).push(order[i]);
  // libc++ has its own comparisons in a library, which is not linked.
  std::sort(data.trained.begin(), data.trained.end(),
            [](int64_t a, int64_t b) { return a < b; });
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
    if (!data.set.bind(function, count, variables, team, call, bound.columnOf,
                       error) ||
        !loader.prepare(call, error))
      return false;
    call.setScalar(SlotKind::Seed, at.setting.seed);
    call.setScalar(SlotKind::Steps, steps);
    return true;
  };
  int64_t rest = data.trained.size() % at.setting.batch;
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
  if (train.keepsBest &&
      !at.best.take(program, variables, VariableCopy::Weights, error))
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
    if (!data.set.add(program.sources[train.sources[i]], "", options.data,
                      error))
      return false;
  if (!split())
    return false;
  if (from && at.setting.examples != data.trained.size())
    return error.set("train %s: training stopped with %" PRId64
                     " examples, and now there are %" PRId64,
                     train.name, at.setting.examples, data.trained.size());
  at.setting.examples = data.trained.size();
  if (at.setting.batch > data.trained.size())
    at.setting.batch = data.trained.size();
  int64_t batch = at.setting.batch, steps;
  epochs = options.epochs >= 0 ? options.epochs : train.epochs;
  int64_t batches = (data.trained.size() + batch - 1) / batch;
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
  order.resize(data.trained.size());
  return metrics.bind(program, train, data, variables, team, options.data,
                      error) &&
         (!report.isOpen() ||
          recorded.bind(program, train, data, at.setting.batch, at.setting.seed,
                        variables, team, options.data, error));
}

} // namespace nnrt
