//===- runtime/trainer_checks.cpp - NaN and infinity ----------------------===//
//
// Note [Where a NaN comes from]
// A loss that is not finite shows at once; a gradient shows in the variables
// that it moves, and these are looked at before each save and now and then,
// when a copy of them is taken. Since training is a function of its variables
// and its position, that copy and the steps from it on give the bits once more:
// one step at a time, to find the first that goes wrong, and that step again
// from the variables before it, with the trace on, to find the op. A step costs
// nothing for it.
//
//===----------------------------------------------------------------------===//
#include "runtime/clock.h"
#include "runtime/finite.h"
#include "runtime/trace.h"
#include "runtime/trainer.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstring>

namespace nnrt {

static constexpr double shortestPause = 0.5;

/// Whether all variables are finite that were so at the beginning; notes one
/// that is not.
bool Trainer::isSound() {
  bool first = checked.empty();
  if (first)
    checked.resize(program.variableCount);
  for (int32_t i = 0; i < program.variableCount; ++i) {
    if (!first && !checked[i])
      continue;
    TensorView view = variables.view(i);
    bool finite =
        allFinite(view.elem, view.data, elementCount(view.shape, view.rank));
    if (first) {
      checked[i] =
          finite && program.variables[i].kind != VariableKind::GradientSum;
    } else if (!finite) {
      badVariable = Text(view.name);
      return false;
    }
  }
  return true;
}

/// Copies the variables, if it is time to.
bool Trainer::keepGood() {
  double begin = now();
  if (begin < nextCopy)
    return true;
  if (!isSound())
    return explain();
  good.update(variables);
  goodPosition = at.position.copy();
  double end = now();
  nextCopy = end + std::max(shortestPause, 20 * (end - begin));
  return true;
}

bool Trainer::save() { return isSound() ? file.save(at, error) : explain(); }

/// From the good copy on: leaves everything as it was before the first step
/// that goes wrong, which is `last` at the latest.
bool Trainer::findBadStep(int64_t last) {
  good.restore(variables);
  at.position = goodPosition.copy();
  bool begun = false;
  while (at.position.step <= last) {
    if (stepsOfEpoch() == stepsPerEpoch) {
      ++at.position.epoch;
      begun = false;
    }
    if (!begun)
      beginEpoch();
    begun = true;
    good.update(variables);
    goodPosition = at.position.copy();
    badStep = nullptr;
    badVariable.clear();
    if (!runSteps() || !isSound()) {
      good.restore(variables);
      at.position = goodPosition.copy();
      return true;
    }
  }
  return false;
}

/// Says where the first NaN or infinity comes from; false.
bool Trainer::explain() {
  bool isFound = findBadStep(at.position.step);
  const Step &step = badStep ? *badStep : train.steps[0];
  Text what;
  if (badStep)
    what.format("the loss is %s",
                std::isnan(badLoss) ? "not a number" : "infinite");
  else
    what.format("%s becomes infinite or not a number", badVariable.c_str());
  Text where;
  if (isFound) {
    Trace trace;
    runSteps(true);
    if (trace.found())
      where = Text(trace.found());
    good.restore(variables);
    at.position = goodPosition.copy();
  }
  Text notes;
  if (badStep)
    notes.format("\n%s:%d:%d: note: the loss is here", step.file, step.line,
                 step.column);
  const char *line = where.c_str();
  for (bool any = false; *line; any = true) {
    const char *end = std::strchr(line, '\n');
    int length = int(end ? end - line : int64_t(std::strlen(line)));
    // "FILE:LINE:COLUMN: NAME"
    const char *name = line + length;
    while (name > line && name[-1] != ' ')
      --name;
    notes.format("\n%.*snote: %s %.*s", int(name - line), line,
                 any ? "or from" : "the first one comes from",
                 int(line + length - name), name);
    line += length + (end ? 1 : 0);
  }
  return error.set("training of %s stopped at step %" PRId64 " (epoch %" PRId64
                   "): %s%s",
                   train.name, at.position.step + 1, at.position.epoch + 1,
                   what.c_str(), notes.c_str());
}

} // namespace nnrt
