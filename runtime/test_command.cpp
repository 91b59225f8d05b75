//===- runtime/test_command.cpp -------------------------------------------===//
#include "runtime/commands.h"
#include "runtime/interrupt.h"
#include "runtime/test_runner.h"
#include "runtime/training.h"

#include <cstdio>

namespace nnrt {

namespace {
struct Score {
  int passed = 0, failed = 0;
};
} // namespace

static void runTests(const Program &program, bool afterTrain,
                     const Variables &variables, Team &team, Score &score) {
  for (int32_t i = 0; i < program.testCount; ++i) {
    const Test &test = program.tests[i];
    if (test.afterTrain != afterTrain)
      continue;
    bool passed = runTest(program, test, variables, team);
    (passed ? score.passed : score.failed) += 1;
    std::printf("%s: %s\n", passed ? "pass" : "FAIL", test.name);
    std::fflush(stdout);
  }
}

static int testCommand(const Program &program, int argc, char **argv) {
  CommonOptions common;
  const char *weights = nullptr, *folder = nullptr;
  Array<const char *> positional;
  Array<OptionSpec> specs;
  specs.push({"weights", nullptr, "FILE",
              "Use these weights after train, instead of training.",
              OptionKind::Text, &weights});
  specs.push({"data-dir", nullptr, "FOLDER",
              "Look for every data file in this folder.", OptionKind::Text,
              &folder});
  common.addTo(specs);
  Error error;
  bool help;
  if (!parseOptions(argc, argv, specs.data(), specs.size(), positional, help,
                    error))
    return error.report();
  if (help) {
    std::printf("Usage: %s test [options]\nRuns the program's tests; those "
                "after train train it first.\n\n%s",
                program.name, optionsHelp(specs.data(), specs.size()).c_str());
    return ExitOk;
  }
  if (!positional.empty()) {
    error.set("test takes no argument '%s'", positional[0]);
    return error.report();
  }
  Variables variables;
  if (!common.apply(error) || !variables.allocate(program, error))
    return error.report();
  Team team(int(common.threads));
  if (!variables.initialise(0, team, error))
    return error.report();
  Score score;
  runTests(program, false, variables, team, score);

  bool anyAfter = false;
  for (int32_t i = 0; i < program.testCount; ++i)
    anyAfter |= program.tests[i].afterTrain;
  if (anyAfter) {
    TrainOptions options;
    options.quiet = true;
    options.data.folder = folder;
    InterruptGuard guard;
    bool ready = true;
    if (weights) {
      ready = variables.load(weights, error);
    } else {
      TrainOutputs none{{program, variables, nullptr}, {}, Report(nullptr)};
      int64_t seed =
          program.trainCount ? seedOf(program.trains[0], options) : 0;
      ready = variables.initialise(seed, team, error);
      for (int32_t i = 0; i < program.trainCount && ready; ++i) {
        TrainResult result = trainBlock(program, i, variables, options, nullptr,
                                        none, team, error);
        if (result == TrainResult::Interrupted)
          return interruptExitCode();
        ready = result == TrainResult::Done;
      }
    }
    if (ready) {
      runTests(program, true, variables, team, score);
    } else {
      // Those that could not run have failed, and the count says so.
      error.report();
      for (int32_t i = 0; i < program.testCount; ++i)
        if (program.tests[i].afterTrain) {
          ++score.failed;
          std::printf("FAIL: %s\n", program.tests[i].name);
        }
    }
  }
  std::printf("%d passed, %d failed\n", score.passed, score.failed);
  return score.failed ? ExitUser : ExitOk;
}

} // namespace nnrt

const nnrt::Command nnrt_test = {"test", "Run the tests.", nnrt::testCommand};
