//===- runtime/train_command.cpp ------------------------------------------===//
#include "runtime/atomic_file.h"
#include "runtime/commands.h"
#include "runtime/interrupt.h"
#include "runtime/training.h"

#include <cstdio>
#include <cstring>
#include <initializer_list>

namespace nnrt {

static bool checkStarts(const Program &program, const TrainOptions &options,
                        Error &error) {
  for (const DataOptions::Override &override : options.starts) {
    bool known = false;
    for (int32_t t = 0; t < program.trainCount; ++t)
      for (int32_t i = 0; i < program.trains[t].startCount; ++i)
        known |= override.name == program.trains[t].starts[i].path;
    if (!known)
      return error.set("--start %s: this program starts no %s from a file",
                       override.name.c_str(), override.name.c_str());
  }
  return true;
}

/// Whether what training writes goes to files of their own.
static bool checkDistinct(std::initializer_list<const char *> paths,
                          Error &error) {
  for (const char *const *a = paths.begin(); a != paths.end(); ++a)
    for (const char *const *b = paths.begin(); *a && b != a; ++b)
      if (*b && !std::strcmp(*a, *b))
        return error.set("%s: two options write this file", *a);
  return true;
}

static int trainCommand(const Program &program, int argc, char **argv) {
  TrainOptions options;
  CommonOptions common;
  const char *output = nullptr, *initial = nullptr, *resumed = nullptr,
             *reported = nullptr;
  Array<const char *> data, starts, positional;
  Array<OptionSpec> specs;
  specs.push({"epochs", nullptr, "N", "Passes over the data.",
              OptionKind::Integer, &options.epochs});
  specs.push({"batch", nullptr, "N", "Examples in a step.", OptionKind::Integer,
              &options.batch, nullptr, 1});
  specs.push({"seed", nullptr, "N", "Seed of every random number.",
              OptionKind::Integer, &options.seed, &options.seedGiven,
              INT64_MIN});
  specs.push({"weights-out", "o", "FILE",
              "Save the weights (safetensors), also while training.",
              OptionKind::Text, &output});
  specs.push({"init", nullptr, "FILE", "Start from these weights.",
              OptionKind::Text, &initial});
  specs.push({"resume", nullptr, "FILE",
              "Go on where the training that saved FILE stopped, to the same "
              "bits; saves there unless -o says otherwise.",
              OptionKind::Text, &resumed});
  addDataOptions(specs, data, options.data);
  specs.push({"start", nullptr, "PATH=FILE",
              "Read what a `start` clause names from another weight file.",
              OptionKind::Text, &starts, nullptr, 0, true});
  specs.push({"log", nullptr, "FILE", "Write a line for each epoch (csv).",
              OptionKind::Text, &options.log});
  specs.push({"report", nullptr, "FILE",
              "Write a page about the run (html): curves, gradients, pictures "
              "and the graphs of the nets.",
              OptionKind::Text, &reported});
  common.addTo(specs);
  Error error;
  bool help;
  if (!parseOptions(argc, argv, specs.data(), specs.size(), positional, help,
                    error))
    return error.report();
  if (help) {
    std::printf("Usage: %s train [options]\n"
                "Trains what the program's train blocks say, in order.\n\n%s",
                program.name, optionsHelp(specs.data(), specs.size()).c_str());
    return ExitOk;
  }
  if (!positional.empty()) {
    error.set("train takes no argument '%s'", positional[0]);
    return error.report();
  }
  if (initial && resumed) {
    error.set("--init starts anew and --resume goes on; give one of them");
    return error.report();
  }
  if (resumed && !output)
    output = resumed;
  options.initialised = initial;
  if (!checkDistinct({output, options.log, reported}, error))
    return error.report();
  if (!addOverrides(data, "--data", options.data.overrides, error) ||
      !addOverrides(starts, "--start", options.starts, error) ||
      !checkOverrides(program, options.data, error) ||
      !checkStarts(program, options, error) || !common.apply(error) ||
      (output && !checkWritable(output, error)) ||
      (reported && !checkWritable(reported, error)))
    return error.report();
  Team team(int(common.threads));
  Variables variables;
  Checkpoint from;
  TrainOutputs outputs{{program, variables, output}, {}, Report(reported)};
  if (!variables.allocate(program, error) ||
      (resumed ? !loadCheckpoint(resumed, program, variables, from, error)
               : !variables.initialise(seedOf(program.trains[0], options), team,
                                       error)) ||
      (initial && !variables.load(initial, error)) ||
      (options.log && !outputs.log.open(options.log, resumed, error)))
    return error.report();
  if (resumed)
    options.addMissing(from.overrides);
  if (!output)
    std::fprintf(stderr,
                 "note: the weights are not kept; -o FILE saves them\n");

  InterruptGuard guard;
  TrainResult result = TrainResult::Done;
  auto first = int32_t(from.position.block);
  for (int32_t i = first; i < program.trainCount && result == TrainResult::Done;
       ++i)
    result = trainBlock(program, i, variables, options,
                        resumed && i == first ? &from : nullptr, outputs, team,
                        error);
  // Also of a training that failed: it may show why.
  Error unwritten;
  bool reports = reported && !outputs.report.isEmpty();
  bool written = !reports || outputs.report.write(program, unwritten);
  if (reports && written)
    std::printf("report written to %s\n", reported);
  std::fflush(stdout);
  if (result == TrainResult::Failed)
    return error.report();
  if (!written)
    return unwritten.report();
  if (output)
    std::printf("weights saved to %s\n", output);
  if (result == TrainResult::Interrupted) {
    std::fflush(stdout);
    std::fprintf(stderr, "error: interrupted%s\n",
                 output ? "; the weights are saved" : "");
    return interruptExitCode();
  }
  return ExitOk;
}

} // namespace nnrt

const nnrt::Command nnrt_train = {"train", "Train, and save the weights.",
                                  nnrt::trainCommand};
