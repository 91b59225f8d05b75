//===- runtime/grad_command.cpp - The gradients of one batch --------------===//
#include "runtime/atomic_file.h"
#include "runtime/commands.h"
#include "runtime/dataset.h"
#include "runtime/gradient_check.h"
#include "runtime/inputs.h"
#include "runtime/output.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace nnrt {

namespace {
/// A step that has gradients.
struct Candidate {
  const Train *train;
  const Step *step;
  Text name; ///< The step's or the block's, with a number if it is not unique.
};

/// Size and largest element of a tensor, taken as a vector.
struct Norm {
  double length = 0, largest = 0;
};

/// What one run of the command was asked for.
struct GradOptions {
  const char *weights = nullptr, *output = nullptr;
  int64_t batch = 0, seed = 0;
  bool seedGiven = false, check = false;
  Array<const char *> wanted; ///< Parameters whose gradient is shown whole.
  DataOptions data;
};
} // namespace

static Norm normOf(ElemType elem, const void *data, int64_t count) {
  Norm norm;
  for (int64_t i = 0; i < count; ++i) {
    double x = std::fabs(elementAsDouble(rawType(elem), data, i));
    norm.length += x * x;
    // A NaN stays.
    norm.largest = norm.largest >= x ? norm.largest : x;
  }
  norm.length = std::sqrt(norm.length);
  return norm;
}

static Array<Candidate> candidatesOf(const Program &program) {
  Array<Candidate> all;
  for (int32_t t = 0; t < program.trainCount; ++t) {
    const Train &train = program.trains[t];
    for (int32_t s = 0; s < train.stepCount; ++s) {
      const Step &step = train.steps[s];
      if (step.gradientFunction < 0)
        continue;
      const char *name = *step.name ? step.name : train.name;
      int64_t same = 1;
      for (const Candidate &other : all)
        same += !std::strcmp(name, *other.step->name ? other.step->name
                                                     : other.train->name);
      Text text(name);
      if (same > 1)
        text.format(".%" PRId64, same);
      all.push({&train, &step, std::move(text)});
    }
  }
  return all;
}

/// The one that is named, or the only one.
static const Candidate *choose(const Program &program,
                               const Array<Candidate> &all, const char *name,
                               Error &error) {
  Text list;
  for (const Candidate &each : all) {
    if (name && each.name == name)
      return &each;
    list.append(list.empty() ? "" : ", ").append(each.name.c_str());
  }
  if (all.empty())
    error.set("%s trains nothing, so that it has no gradients", program.name);
  else if (name)
    error.set("%s trains no %s; it trains: %s", program.name, name,
              list.c_str());
  else if (all.size() > 1)
    error.set("name what is trained: %s grad NAME, with one of: %s",
              program.name, list.c_str());
  else
    return &all[0];
  return nullptr;
}

/// Binds `call` to the first examples of the block's data.
static bool bindData(const Program &program, const Candidate &chosen,
                     const GradOptions &options, const Function &function,
                     const Variables &variables, const Team &team, Call &call,
                     Error &error) {
  const Train &train = *chosen.train;
  Dataset data;
  for (int32_t i = 0; i < train.sourceCount; ++i)
    if (!data.add(program.sources[train.sources[i]], "", options.data, error))
      return false;
  int64_t count =
      std::min(options.batch ? options.batch : train.batch, data.examples);
  Array<int32_t> columnOf;
  if (!data.bind(function, count, variables, team, call, columnOf, error))
    return false;
  Array<int64_t> examples;
  for (int64_t i = 0; i < count; ++i)
    examples.push(i);
  data.gather(call, function, columnOf, examples.data(), count);
  return true;
}

/// The weights of the file, or those with which the block begins.
static bool prepare(const Program &program, const Candidate &chosen,
                    const GradOptions &options, Variables &variables,
                    Team &team, Error &error) {
  if (!variables.allocate(program, error))
    return false;
  if (options.weights)
    return variables.load(options.weights, error);
  const Train &train = *chosen.train;
  if (!variables.initialise(options.seedGiven ? options.seed
                            : train.seedGiven ? train.seed
                                              : 0,
                            team, error))
    return false;
  for (int32_t i = 0; i < train.startCount; ++i)
    if (!variables.loadBelow(train.starts[i].path, train.starts[i].file, error))
      return false;
  return true;
}

static void printTable(const Program &program, const Function &function,
                       const Call &call, const Variables &variables) {
  int width = 9;
  Text shapes;
  for (int32_t i = 0; i < function.resultCount; ++i)
    if (function.results[i].kind == SlotKind::Gradient)
      width = std::max(width, int(std::strlen(function.results[i].name)));
  std::printf("%-*s  %-16s  %10s  %10s  %10s\n", width, "parameter", "shape",
              "|gradient|", "largest", "|weight|");
  double total = 0;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    const Slot &slot = function.results[i];
    if (slot.kind != SlotKind::Gradient)
      continue;
    const Variable &variable = program.variables[slot.variable];
    int64_t count = elementCount(variable.shape, variable.rank);
    Norm gradient = normOf(slot.elem, call.result(i), count);
    Norm weight = normOf(variable.elem, variables.data(slot.variable), count);
    std::printf("%-*s  %-16s  %10.4g  %10.4g  %10.4g\n", width, slot.name,
                shapeText(variable.shape, variable.rank).c_str(),
                gradient.length, gradient.largest, weight.length);
    total += gradient.length * gradient.length;
  }
  std::printf("%-*s  %-16s  %10.4g\n", width, "all", "", std::sqrt(total));
}

static bool printWanted(const Function &function, const Call &call,
                        const char *path, Error &error) {
  Array<const char *> names;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    const Slot &slot = function.results[i];
    if (slot.kind != SlotKind::Gradient)
      continue;
    names.push(slot.name);
    if (std::strcmp(slot.name, path))
      continue;
    Text text(path);
    text.append(" =\n");
    appendTensor(text, rawType(slot.elem), call.result(i), call.resultShape(i),
                 slot.rank);
    std::puts(text.c_str());
    return true;
  }
  const char *near = nearest(path, names.data(), names.size());
  return error.set("--wrt %s: no such parameter is trained here%s%s%s", path,
                   near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "");
}

static bool isSafetensors(const char *path) {
  const char *dot = std::strrchr(path, '.');
  return dot && !std::strcmp(dot, ".safetensors");
}

/// All in one file as weights are, or each as `run` writes a result.
static bool save(const Function &function, const Call &call, const char *path,
                 Error &error) {
  if (!isSafetensors(path)) {
    Array<Result> results;
    for (int32_t i = 0; i < function.resultCount; ++i)
      if (function.results[i].kind == SlotKind::Gradient)
        results.push(
            {&function.results[i], call.resultShape(i), call.result(i)});
    Output output;
    return output.choose(path, nullptr, error) && output.write(results, error);
  }
  Array<TensorView> views;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    const Slot &slot = function.results[i];
    if (slot.kind == SlotKind::Gradient)
      views.push({slot.name, slot.elem, slot.rank, call.resultShape(i),
                  call.result(i)});
  }
  return saveSafetensors(path, views.data(), views.size(), nullptr, 0, error);
}

static bool derive(const Program &program, const Candidate &chosen,
                   const GradOptions &options, Inputs &inputs, int threads,
                   Error &error) {
  const Function &function = inputs.function;
  Team team(threads);
  Variables variables;
  Call call;
  if (!prepare(program, chosen, options, variables, team, error))
    return false;
  if (inputs.anyGiven()
          ? !inputs.read(error) || !inputs.bind(variables, team, call, error)
          : !bindData(program, chosen, options, function, variables, team, call,
                      error))
    return false;
  call.setScalar(SlotKind::Seed, options.seed);
  for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
    call.setScalar(kind, 1);
  if (!call.run(team, error))
    return false;
  for (const char *path : options.wanted)
    if (!printWanted(function, call, path, error))
      return false;
  if (options.wanted.empty()) {
    const Step &step = *chosen.step;
    std::printf("the loss at %s:%d:%d is %.6g\n", step.file, step.line,
                step.column, call.scalarResult(0));
    printTable(program, function, call, variables);
  }
  if (options.output) {
    if (!save(function, call, options.output, error))
      return false;
    std::printf("gradients saved to %s\n", options.output);
  }
  return !options.check ||
         checkGradients(program, function, call, variables, team, error);
}

static int gradCommand(const Program &program, int argc, char **argv) {
  CommonOptions common;
  GradOptions options;
  Error error;
  bool help;
  const char *name = argc && argv[0][0] != '-' ? argv[0] : nullptr;
  Array<Candidate> all = candidatesOf(program);
  // What is derived decides which options there are.
  const Candidate *chosen =
      name || all.size() == 1 ? choose(program, all, name, error) : nullptr;
  if (name && !chosen)
    return error.report();
  Function nothing{};
  Inputs inputs(program,
                chosen ? program.functions[chosen->step->gradientFunction]
                       : nothing,
                "grad");
  Array<const char *> data, positional;
  Array<OptionSpec> specs;
  inputs.addTo(specs);
  specs.push({"weights", nullptr, "FILE", "Read the weights (safetensors).",
              OptionKind::Text, &options.weights});
  specs.push({"batch", nullptr, "N",
              "Take the first N examples of the data; as many as the block's "
              "batch by default.",
              OptionKind::Integer, &options.batch, nullptr, 1});
  specs.push({"wrt", nullptr, "PATH",
              "Show this parameter's gradient, element by element.",
              OptionKind::Text, &options.wanted, nullptr, 0, true});
  specs.push({"check", nullptr, nullptr,
              "Compare with differences of the loss, at some elements of each "
              "parameter.",
              OptionKind::Flag, &options.check});
  specs.push({"out", "o", "FILE",
              "Save the gradients: .safetensors, or .txt, .csv or .npy.",
              OptionKind::Text, &options.output});
  specs.push({"seed", nullptr, "N", "Seed of every random number.",
              OptionKind::Integer, &options.seed, &options.seedGiven,
              INT64_MIN});
  addDataOptions(specs, data, options.data);
  common.addTo(specs);
  if (!parseOptions(argc - (name != nullptr), argv + (name != nullptr),
                    specs.data(), specs.size(), positional, help, error))
    return error.report();
  if (help) {
    std::printf("Usage: %s grad [NAME] [options]\nComputes the gradients of "
                "the loss on some examples: of the data, or given by option.\n"
                "NAME is what is trained, where that is not clear.\n\n%s",
                program.name, optionsHelp(specs.data(), specs.size()).c_str());
    return ExitOk;
  }
  if (!chosen)
    choose(program, all, name, error);
  else if (!positional.empty())
    error.set("grad takes one name; '%s' is one too many", positional[0]);
  else if (common.apply(error) &&
           addOverrides(data, "--data", options.data.overrides, error) &&
           checkOverrides(program, options.data, error) &&
           (!options.output || checkWritable(options.output, error)) &&
           derive(program, *chosen, options, inputs, int(common.threads),
                  error))
    return ExitOk;
  return error.report();
}

} // namespace nnrt

const nnrt::Command nnrt_grad = {"grad", "Show the gradients of the loss.",
                                 nnrt::gradCommand};
