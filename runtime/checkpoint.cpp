//===- runtime/checkpoint.cpp ---------------------------------------------===//
#include "runtime/checkpoint.h"
#include "runtime/clock.h"
#include "runtime/options.h"

#include <algorithm>
#include <cinttypes>
#include <cstdlib>
#include <cstring>

namespace nnrt {

/// The seconds that pass at least between two saves.
static constexpr double shortestPause = 0.2;

/// The variables that a file holds while `train` is in work.
static Array<TensorView> savedViews(const Program &program,
                                    const Variables &variables,
                                    const Train &train) {
  Array<bool> used;
  used.resize(program.variableCount);
  const Function &step = program.functions[train.stepFunction];
  for (int32_t i = 0; i < step.argCount + step.resultCount; ++i) {
    const Slot &slot =
        i < step.argCount ? step.args[i] : step.results[i - step.argCount];
    if (slot.kind == SlotKind::Variable)
      used[slot.variable] = true;
  }
  Array<TensorView> views;
  for (int32_t i = 0; i < program.variableCount; ++i)
    if (program.variables[i].kind != VariableKind::Optimizer || used[i])
      views.push(variables.view(i));
  return views;
}

void Overrides::addMissing(const Overrides &older) {
  if (epochs < 0)
    epochs = older.epochs;
  if (batch < 0)
    batch = older.batch;
  if (!seedGiven)
    seed = older.seed;
  seedGiven |= older.seedGiven;
}

// Each number by its key.
template <typename Visitor>
static void visitNumbers(Checkpoint &checkpoint, Visitor visit) {
  Position &position = checkpoint.position;
  visit("nnc.block", position.block);
  visit("nnc.epoch", position.epoch);
  visit("nnc.step", position.step);
  Setting &setting = checkpoint.setting;
  visit("nnc.seed", setting.seed);
  visit("nnc.batch", setting.batch);
  visit("nnc.examples", setting.examples);
}

CheckpointFile::CheckpointFile(const Program &program,
                               const Variables &variables, const char *path)
    : program(program), variables(variables), path(path),
      next(now() + shortestPause) {}

bool CheckpointFile::due() const { return path && now() >= next; }

bool CheckpointFile::save(const Checkpoint &checkpoint, Error &error) {
  if (!path)
    return true;
  double begin = now();
  Array<MetadataEntry> metadata;
  auto put = [&](const char *key, int64_t value) {
    MetadataEntry &entry = metadata.push({Text(key), {}});
    entry.value.format("%" PRId64, value);
  };
  Checkpoint copy = checkpoint;
  visitNumbers(copy, put);
  // In hexadecimal, to the last bit.
  metadata.push({Text("nnc.loss_sum"), {}})
      .value.format("%a", checkpoint.position.lossSum);
  const Overrides &overrides = checkpoint.overrides;
  if (overrides.epochs >= 0)
    put("nnc.option.epochs", overrides.epochs);
  if (overrides.batch >= 0)
    put("nnc.option.batch", overrides.batch);
  if (overrides.seedGiven)
    put("nnc.option.seed", overrides.seed);
  Array<TensorView> views =
      savedViews(program, variables, program.trains[checkpoint.position.block]);
  if (!saveSafetensors(path, views.data(), views.size(), metadata.data(),
                       metadata.size(), error))
    return false;
  double end = now();
  next = end + std::max(shortestPause, 9 * (end - begin));
  return true;
}

static bool readMetadata(const char *path, const SafetensorsHeader &header,
                         Checkpoint &checkpoint, Error &error) {
  if (!header.find("nnc.step"))
    return error.set("%s: holds weights, but not where training stopped; "
                     "--init starts from them",
                     path);
  bool sound = true;
  auto get = [&](const char *key, int64_t &value) {
    const char *text = header.find(key);
    sound = sound && text && parseInteger(text, value);
  };
  visitNumbers(checkpoint, get);
  const Position &position = checkpoint.position;
  const Setting &setting = checkpoint.setting;
  sound = sound && position.block >= 0 && position.epoch >= 0 &&
          position.step >= 0 && setting.batch > 0 && setting.examples > 0;
  const char *sum = header.find("nnc.loss_sum");
  sound = sound && sum;
  if (sound)
    checkpoint.position.lossSum = std::strtod(sum, nullptr);
  Overrides &overrides = checkpoint.overrides;
  if (header.find("nnc.option.epochs"))
    get("nnc.option.epochs", overrides.epochs);
  if (header.find("nnc.option.batch"))
    get("nnc.option.batch", overrides.batch);
  overrides.seedGiven = header.find("nnc.option.seed");
  if (overrides.seedGiven)
    get("nnc.option.seed", overrides.seed);
  return sound ||
         error.set("%s: what it says of where training stopped makes no sense",
                   path);
}

bool loadCheckpoint(const char *path, const Program &program,
                    const Variables &variables, Checkpoint &checkpoint,
                    Error &error) {
  SafetensorsFile file;
  if (!file.open(path, error) ||
      !readMetadata(path, file.header, checkpoint, error))
    return false;
  if (checkpoint.position.block >= program.trainCount)
    return error.set("%s: training stopped in train block %" PRId64
                     ", and this program has %d",
                     path, checkpoint.position.block + 1, program.trainCount);
  Array<TensorView> views =
      savedViews(program, variables, program.trains[checkpoint.position.block]);
  return file.load(
      views.data(), views.size(), [](const char *) { return false; },
      "\n--init starts from the weights alone", error);
}

} // namespace nnrt
