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

namespace {
/// The tensors that a file holds while a block is in work.
struct SavedTensors {
  SavedTensors(const Program &program, const Variables &variables,
               const Train &train, const VariableCopy &best);
  Array<TensorView> views;

private:
  void markUsed(const Function &function);
  Array<bool> used; ///< By the functions of the block.
  Array<Text> names;
};
} // namespace

void SavedTensors::markUsed(const Function &function) {
  for (int32_t i = 0; i < function.argCount + function.resultCount; ++i) {
    const Slot &slot = i < function.argCount
                           ? function.args[i]
                           : function.results[i - function.argCount];
    if (slot.kind == SlotKind::Variable)
      used[slot.variable] = true;
  }
}

SavedTensors::SavedTensors(const Program &program, const Variables &variables,
                           const Train &train, const VariableCopy &best) {
  used.resize(program.variableCount);
  for (int32_t i = 0; i < train.stepCount; ++i) {
    const Step &step = train.steps[i];
    markUsed(program.functions[step.function]);
    if (step.updateFunction >= 0)
      markUsed(program.functions[step.updateFunction]);
  }
  for (int32_t i = 0; i < program.variableCount; ++i) {
    const Variable &variable = program.variables[i];
    bool optimizer = variable.kind == VariableKind::Optimizer && used[i];
    if (!isSaved(variable) && !optimizer)
      continue;
    TensorView view = variables.view(i);
    if (isSaved(variable) && !best.empty()) {
      views.push(view).data = best.data(i);
      Text &name = names.push(Text("last."));
      name.append(view.name);
      // A Text that moves keeps its characters where they are.
      view.name = name.c_str();
    }
    views.push(view);
  }
}

Position Position::copy() const {
  Position same;
  same.block = block;
  same.epoch = epoch;
  same.step = step;
  same.bestEpoch = bestEpoch;
  same.stale = stale;
  same.best = best;
  same.losses.extend(losses.data(), losses.size());
  return same;
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
static void visitNumbers(Position &position, Setting &setting, Visitor visit) {
  visit("nnc.block", position.block);
  visit("nnc.epoch", position.epoch);
  visit("nnc.step", position.step);
  visit("nnc.best_epoch", position.bestEpoch);
  visit("nnc.stale", position.stale);
  visit("nnc.seed", setting.seed);
  visit("nnc.batch", setting.batch);
  visit("nnc.examples", setting.examples);
}

CheckpointFile::CheckpointFile(const Program &program,
                               const Variables &variables, const char *path)
    : program(program), variables(variables), path(path),
      next(now() + shortestPause) {}

bool CheckpointFile::due() const { return path && now() >= next; }

bool CheckpointFile::save(Checkpoint &checkpoint, Error &error) {
  if (!path)
    return true;
  double begin = now();
  Array<MetadataEntry> metadata;
  auto put = [&](const char *key, int64_t value) {
    MetadataEntry &entry = metadata.push({Text(key), {}});
    entry.value.format("%" PRId64, value);
  };
  visitNumbers(checkpoint.position, checkpoint.setting, put);
  // In hexadecimal, to the last bit.
  metadata.push({Text("nnc.best"), {}})
      .value.format("%a", checkpoint.position.best);
  Text &losses = metadata.push({Text("nnc.losses"), {}}).value;
  for (const Position::Loss &loss : checkpoint.position.losses)
    losses.format("%a %" PRId64 " ", loss.sum, loss.count);
  const Overrides &overrides = checkpoint.overrides;
  if (overrides.epochs >= 0)
    put("nnc.option.epochs", overrides.epochs);
  if (overrides.batch >= 0)
    put("nnc.option.batch", overrides.batch);
  if (overrides.seedGiven)
    put("nnc.option.seed", overrides.seed);
  SavedTensors saved(program, variables,
                     program.trains[checkpoint.position.block],
                     checkpoint.best);
  if (!saveSafetensors(path, saved.views.data(), saved.views.size(),
                       metadata.data(), metadata.size(), error))
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
  Position &position = checkpoint.position;
  visitNumbers(position, checkpoint.setting, get);
  const Setting &setting = checkpoint.setting;
  sound = sound && position.block >= 0 && position.epoch >= 0 &&
          position.step >= 0 && setting.batch > 0 && setting.examples > 0;
  const char *best = header.find("nnc.best");
  const char *losses = header.find("nnc.losses");
  sound = sound && best && losses;
  if (sound) {
    position.best = std::strtod(best, nullptr);
    char *at = const_cast<char *>(losses);
    while (*at == '-' || (*at >= '0' && *at <= '9')) {
      Position::Loss loss;
      loss.sum = std::strtod(at, &at);
      loss.count = std::strtoll(at, &at, 10);
      position.losses.push(loss);
      while (*at == ' ')
        ++at;
    }
  }
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
  const Train &train = program.trains[checkpoint.position.block];
  if (checkpoint.position.losses.size() != train.stepCount)
    return error.set("%s: train %s has other steps than where it was saved",
                     path, train.name);
  if (train.keepsBest &&
      !checkpoint.best.take(program, variables, VariableCopy::Weights, error))
    return false;
  SavedTensors saved(program, variables, train, checkpoint.best);
  return file.load(
      saved.views.data(), saved.views.size(),
      [](const char *) { return false; },
      "\n--init starts from the weights alone", error);
}

} // namespace nnrt
