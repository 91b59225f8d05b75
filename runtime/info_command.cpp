//===- runtime/info_command.cpp - What a program is -----------------------===//
#include "runtime/commands.h"
#include "runtime/cpu.h"
#include "runtime/sizes.h"
#include "runtime/threads.h"
#include "runtime/variables.h"

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace nnrt {

namespace {
/// What the command was asked for.
struct InfoOptions {
  const char *weights = nullptr;
  GivenSizes sizes;
  int32_t threads = 1;
};

/// The slots of a function as its program declares them.
class Signature {
public:
  explicit Signature(const Function &function);
  /// "x: f32[B, H = 28]": a fixed size is shown beside its name.
  Text slot(int32_t i) const;

private:
  const Function &function;
  // For two choices of the dimensions: an extent that is the same is fixed.
  Array<int64_t> shapes, others;
};
} // namespace

Signature::Signature(const Function &function) : function(function) {
  Array<int64_t> dims;
  for (int32_t d = 0; d < function.dimCount; ++d)
    dims.push(1009);
  shapes = shapesOf(function, dims.data());
  for (int64_t &dim : dims)
    dim = 2003;
  others = shapesOf(function, dims.data());
}

Text Signature::slot(int32_t wanted) const {
  int64_t at = 0;
  for (int32_t i = 0; i < wanted; ++i)
    at += slotOf(function, i).rank;
  const Slot &slot = slotOf(function, wanted);
  Text text(slot.name);
  text.append(": ").append(typeName(slot.elem));
  for (int32_t i = 0; i < slot.rank; ++i) {
    const char *axis = slot.axes[i];
    text.append(i ? ", " : "[").append(axis);
    int64_t ignored;
    if (shapes[at + i] == others[at + i] && !parseInteger(axis, ignored))
      text.format(" = %" PRId64, shapes[at + i]);
  }
  return std::move(text.append(slot.rank ? "]" : ""));
}

/// "B = 1, T = 40" and the bytes of a call with these sizes, of which the
/// batch is `batch` unless it was given.
static void printMemory(const Function &function, const int64_t *defaults,
                        int64_t batch, const InfoOptions &options,
                        const char *what) {
  Array<int64_t> dims;
  options.sizes.find(function, defaults, dims);
  int32_t counts = batchDim(function);
  Text known, unknown;
  for (int32_t d = 0; d < function.dimCount; ++d) {
    const char *name = function.dimNames[d];
    if (d == counts && dims[d] < 0)
      dims[d] = batch;
    if (dims[d] < 0)
      unknown.append(unknown.empty() ? "" : " ").format("--%s N", name);
    else
      known.format("%s%s = %" PRId64, known.empty() ? " for " : ", ", name,
                   dims[d]);
  }
  if (!unknown.empty()) {
    std::printf("  memory%s: %s tells it\n", what, unknown.c_str());
    return;
  }
  int64_t bytes = bytesOfCall(function, dims.data(), options.threads);
  std::printf("  memory%s: %s%s\n", what,
              bytes < 0 ? "too much" : bytesText(double(bytes)).c_str(),
              known.c_str());
}

/// Sizes that no input has.
static Text freeSizes(const Net &net, const Function &function) {
  Text text;
  for (int32_t d = 0; d < function.dimCount; ++d) {
    bool bound = false;
    for (int32_t i = 0; i < function.argCount; ++i)
      for (int32_t axis = 0; axis < function.args[i].rank; ++axis)
        bound |= function.args[i].axisDims[axis] == d;
    if (bound)
      continue;
    text.append(text.empty() ? "[" : ", ").append(function.dimNames[d]);
    if (net.dimDefaults && net.dimDefaults[d] >= 0)
      text.format(" = %" PRId64, net.dimDefaults[d]);
  }
  return std::move(text.append(text.empty() ? "" : "]"));
}

static void printNet(const Program &program, const Net &net,
                     const InfoOptions &options) {
  const Function &function = program.functions[net.function];
  Signature signature(function);
  Text inputs, results;
  for (int32_t i = 0; i < function.argCount + function.resultCount; ++i) {
    if (slotOf(function, i).kind != SlotKind::Input)
      continue;
    Text &list = i < function.argCount ? inputs : results;
    list.append(list.empty() ? "" : ", ").append(signature.slot(i).c_str());
    if (i < function.argCount && net.inputDefaults && net.inputDefaults[i])
      list.append(" = ").append(net.inputDefaults[i]);
  }
  std::printf("net %s%s(%s) -> (%s)\n", net.name,
              freeSizes(net, function).c_str(), inputs.c_str(),
              results.c_str());
  printMemory(function, net.dimDefaults, 1, options, "");
}

/// How the elements of a variable are spread.
static Text spreadText(const Variable &variable, const void *data) {
  int64_t count = elementCount(variable.shape, variable.rank);
  double least = INFINITY, most = -INFINITY, sum = 0, squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    double value = elementAsDouble(rawType(variable.elem), data, i);
    // A NaN stays.
    least = least <= value ? least : value;
    most = most >= value ? most : value;
    sum += value;
  }
  double mean = sum / double(count);
  for (int64_t i = 0; i < count; ++i) {
    double value = elementAsDouble(rawType(variable.elem), data, i) - mean;
    squares += value * value;
  }
  Text text;
  text.format("  from %.4g to %.4g, mean %.4g, deviation %.4g", least, most,
              mean, std::sqrt(squares / double(count)));
  return text;
}

static void printVariables(const Program &program, VariableKind kind,
                           const char *title, const Variables *values) {
  int64_t count = 0, elements = 0;
  double bytes = 0;
  for (int32_t i = 0; i < program.variableCount; ++i) {
    const Variable &variable = program.variables[i];
    if (variable.kind != kind)
      continue;
    int64_t size = elementCount(variable.shape, variable.rank);
    ++count;
    elements += size;
    bytes += double(size * elemSize(variable.elem));
  }
  if (!count)
    return;
  std::printf("%s: %" PRId64 " in %" PRId64 " tensor%s, %s\n", title, elements,
              count, count == 1 ? "" : "s", bytesText(bytes).c_str());
  for (int32_t i = 0; i < program.variableCount; ++i) {
    const Variable &variable = program.variables[i];
    if (variable.kind != kind || kind >= VariableKind::Optimizer)
      continue;
    std::printf("  %s: %s%s%s\n", variable.path, typeName(variable.elem),
                variable.rank ? shapeText(variable.shape, variable.rank).c_str()
                              : "",
                values ? spreadText(variable, values->data(i)).c_str() : "");
  }
}

static void printData(const Function &function, const Source &source,
                      const char *what) {
  Signature signature(function);
  for (int32_t c = 0; c < source.columnCount; ++c) {
    const Column &column = source.columns[c];
    Text text(column.name);
    for (int32_t i = 0; i < function.argCount; ++i)
      if (function.args[i].kind == SlotKind::Input &&
          !std::strcmp(function.args[i].name, column.name))
        text = signature.slot(i);
    if (source.kind == SourceKind::Literal)
      std::printf("  %s %s, %" PRId64 " in the program\n", what, text.c_str(),
                  column.rank ? column.shape[0] : 0);
    else
      std::printf("  %s %s, from %s\n", what, text.c_str(), column.path);
  }
}

static void printTrain(const Program &program, const Train &train,
                       const InfoOptions &options) {
  std::printf(
      "train %s: batch %" PRId64 ", %" PRId64 " epoch%s, seed %" PRId64 "%s\n",
      train.name, train.batch, train.epochs, train.epochs == 1 ? "" : "s",
      train.seedGiven ? train.seed : 0, train.shuffle ? ", shuffled" : "");
  for (int32_t i = 0; i < train.sourceCount; ++i)
    printData(program.functions[train.steps[0].function],
              program.sources[train.sources[i]], "data");
  for (int32_t i = 0; i < train.clauseCount; ++i)
    std::printf("  %s\n", train.clauses[i]);
  if (train.accumulate > 1)
    std::printf("  accumulate %" PRId64 "\n", train.accumulate);
  if (train.hold > 0)
    std::printf("  hold %g\n", train.hold);
  for (int32_t i = 0; i < train.startCount; ++i)
    std::printf("  start %s from %s\n", train.starts[i].path,
                train.starts[i].file);
  auto printEvaluations = [&](const char *kind, const Evaluation *list,
                              int32_t count) {
    for (int32_t m = 0; m < count; ++m) {
      std::printf("  %s %s%s\n", kind, list[m].text,
                  list[m].set == EvaluationSet::Held ? " on held" : "");
      for (int32_t i = 0; i < list[m].sourceCount; ++i)
        printData(program.functions[list[m].function],
                  program.sources[list[m].sources[i]], "  on");
    }
  };
  printEvaluations("metric", train.metrics, train.metricCount);
  printEvaluations("picture", train.pictures, train.pictureCount);
  if (train.keepsBest)
    std::printf("  keep %s\n", train.highestIsBest ? "highest" : "lowest");
  if (train.patience)
    std::printf("  stop after %" PRId64 "\n", train.patience);
  for (int32_t i = 0; i < train.stepCount; ++i) {
    const Step &step = train.steps[i];
    Text what(" of a step");
    what.append(*step.name ? " of " : "").append(step.name);
    printMemory(program.functions[step.function], nullptr, train.batch, options,
                what.c_str());
  }
}

/// Where training stood when it saved the file.
static void printPosition(const SafetensorsHeader &header) {
  const char *epoch = header.find("nnc.epoch"), *step = header.find("nnc.step"),
             *seed = header.find("nnc.seed"), *batch = header.find("nnc.batch"),
             *count = header.find("nnc.examples");
  if (epoch && step && seed && batch && count)
    std::printf("trained for %s epochs, %s steps: %s examples, batch %s, seed "
                "%s\n",
                epoch, step, count, batch, seed);
}

static bool printInfo(const Program &program, const InfoOptions &options,
                      Error &error) {
  Variables variables;
  const Variables *values = nullptr;
  SafetensorsFile file;
  if (options.weights) {
    if (!variables.allocate(program, error) ||
        !variables.load(options.weights, error) ||
        !file.open(options.weights, error))
      return false;
    values = &variables;
  }
  std::printf("program %s, made by %s\n", program.name, program.producer);
  std::printf("code for %s; here %s runs, on %d thread%s\n",
              knownTargets().c_str(), program.target, options.threads,
              options.threads == 1 ? "" : "s");
  for (int32_t i = 0; i < program.netCount; ++i)
    printNet(program, program.nets[i], options);
  if (options.weights) {
    std::printf("weights %s\n", options.weights);
    printPosition(file.header);
  }
  printVariables(program, VariableKind::Parameter, "parameters", values);
  printVariables(program, VariableKind::State, "state", values);
  printVariables(program, VariableKind::Optimizer, "optimizer", nullptr);
  for (int32_t i = 0; i < program.trainCount; ++i)
    printTrain(program, program.trains[i], options);
  if (program.testCount)
    std::printf("tests: %d\n", program.testCount);
  return true;
}

static int infoCommand(const Program &program, int argc, char **argv) {
  CommonOptions common;
  InfoOptions options;
  Array<const char *> positional;
  Array<OptionSpec> specs;
  Error error;
  bool help;
  for (int32_t i = 0; i < program.netCount; ++i)
    options.sizes.add(program.functions[program.nets[i].function]);
  specs.push({"weights", nullptr, "FILE",
              "Show what is in this weight file too.", OptionKind::Text,
              &options.weights});
  options.sizes.addTo(specs);
  common.addTo(specs);
  if (!parseOptions(argc, argv, specs.data(), specs.size(), positional, help,
                    error))
    return error.report();
  if (help) {
    std::printf("Usage: %s info [WEIGHTS] [options]\nShows the program's nets, "
                "parameters and train blocks, and what they need.\n\n%s",
                program.name, optionsHelp(specs.data(), specs.size()).c_str());
    return ExitOk;
  }
  int64_t files = positional.size() + (options.weights != nullptr);
  if (files > 1)
    error.set("info takes one weight file, not %" PRId64, files);
  else if (common.apply(error)) {
    if (!positional.empty())
      options.weights = positional[0];
    options.threads =
        common.threads ? int32_t(common.threads) : int32_t(onlineCores());
    if (printInfo(program, options, error))
      return ExitOk;
  }
  return error.report();
}

} // namespace nnrt

const nnrt::Command nnrt_info = {
    "info", "Show nets, parameters and train blocks.", nnrt::infoCommand};
