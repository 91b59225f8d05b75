#include "tools/prune.h"

#include <algorithm>
#include <set>

namespace nnc {

static void keepFunctions(Program &program, const std::set<std::string> &used) {
  std::erase_if(program.module.functions, [&](const auto &function) {
    return !used.contains(function->name);
  });
}

void pruneForTests(Program &program) {
  program.nets.clear();
  bool trains =
      std::any_of(program.tests.begin(), program.tests.end(),
                  [](const TestEntry &test) { return test.afterTrain; });
  if (!trains) {
    program.trains.clear();
    program.sources.clear();
  }
  std::set<std::string> used{program.initFunction};
  for (const TestEntry &test : program.tests)
    used.insert(test.function);
  for (TrainEntry &train : program.trains) {
    for (const StepEntry &step : train.steps) {
      used.insert(step.function);
      used.insert(step.updateFunction);
    }
    used.insert(train.initFunction);
    for (const Evaluation &metric : train.metrics)
      used.insert(metric.function);
    train.pictures.clear();
  }
  keepFunctions(program, used);
}

} // namespace nnc
