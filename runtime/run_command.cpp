//===- runtime/run_command.cpp --------------------------------------------===//
#include "runtime/atomic_file.h"
#include "runtime/codec.h"
#include "runtime/commands.h"
#include "runtime/inputs.h"
#include "runtime/output.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace nnrt {

static const Net *findNet(const Program &program, const char *name,
                          Error &error) {
  Array<const char *> names;
  Text list;
  for (int32_t i = 0; i < program.netCount; ++i) {
    if (!std::strcmp(program.nets[i].name, name))
      return &program.nets[i];
    names.push(program.nets[i].name);
    list.append(i ? ", " : "").append(program.nets[i].name);
  }
  const char *near = nearest(name, names.data(), names.size());
  if (near)
    error.set("%s has no net %s; did you mean %s?", program.name, name, near);
  else
    error.set("%s has no net %s; its nets are: %s", program.name, name,
              list.empty() ? "none" : list.c_str());
  return nullptr;
}

static bool callNet(const Program &program, Inputs &inputs, const char *weights,
                    const Output &output, int64_t seed, int threads,
                    Error &error) {
  const Function &function = inputs.function;
  Team team(threads);
  Variables variables;
  if (!variables.allocate(program, error) ||
      !(weights ? variables.map(weights, error)
                : variables.initialise(0, team, error)))
    return false;
  bool trained = false;
  for (int32_t i = 0; i < function.argCount; ++i)
    trained |= function.args[i].kind == SlotKind::Variable;
  if (!weights && trained && program.trainCount)
    std::fprintf(stderr, "note: these are the initial parameters of seed 0; "
                         "--weights FILE reads trained ones\n");

  Call call;
  if (!inputs.read(error) || !inputs.bind(variables, team, call, error))
    return false;
  call.setScalar(SlotKind::Seed, seed);
  for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
    call.setScalar(kind, 1);
  if (!call.run(team, error))
    return false;
  bool ofText = readsText(program) || inputs.anyText();
  Array<Result> results;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    const Slot &slot = function.results[i];
    if (slot.kind == SlotKind::Input)
      results.push({&slot, call.resultShape(i), call.result(i),
                    ofText && givesText(function, slot)});
  }
  return output.write(results, error);
}

static int runCommand(const Program &program, int argc, char **argv) {
  CommonOptions common;
  Error error;
  bool help;
  const char *weights = nullptr, *path = nullptr, *format = nullptr;
  Output output;
  int64_t seed = 0;
  Array<OptionSpec> specs;

  // The net comes first, since it decides which options there are.
  const Net *net = nullptr;
  if (argc && argv[0][0] != '-') {
    net = findNet(program, argv[0], error);
    if (!net)
      return error.report();
  }
  Function nothing{};
  Inputs inputs(program, net ? program.functions[net->function] : nothing,
                net ? net->name : "");
  if (net)
    inputs.addDefaults(*net);
  Array<const char *> positional;
  inputs.addTo(specs);
  // After the net's own names, which win.
  specs.push({"weights", nullptr, "FILE", "Read the weights (safetensors).",
              OptionKind::Text, &weights});
  specs.push({"out", "o", "FILE",
              "Write the result: .txt, .csv, .svg, .npy, .png, .pgm or .ppm.",
              OptionKind::Text, &path});
  specs.push(
      {"format", nullptr, "NAME",
       "text, literal, csv, svg, npy, png, pgm or ppm, whatever FILE is.",
       OptionKind::Text, &format});
  specs.push({"seed", nullptr, "N", "Seed of every random number.",
              OptionKind::Integer, &seed, nullptr, INT64_MIN});
  common.addTo(specs);
  if (!parseOptions(argc - (net != nullptr), argv + (net != nullptr),
                    specs.data(), specs.size(), positional, help, error))
    return error.report();
  if (help) {
    std::printf("Usage: %s run %s [options]\nComputes a net.\n\n%s",
                program.name, net ? net->name : "NET",
                optionsHelp(specs.data(), specs.size()).c_str());
    for (int32_t i = 0; i < program.netCount && !net; ++i)
      std::printf("%s%s", i ? ", " : "\nNets: ", program.nets[i].name);
    std::printf("%s", net || !program.netCount ? "" : "\n");
    return ExitOk;
  }
  if (!net)
    error.set("run needs the name of a net: %s run NET", program.name);
  else if (!positional.empty())
    error.set("run takes one net; '%s' is one too many", positional[0]);
  else if (common.apply(error) && output.choose(path, format, error) &&
           (!output.path || checkWritable(output.path, error)) &&
           callNet(program, inputs, weights, output, seed, int(common.threads),
                   error))
    return ExitOk;
  return error.report();
}

} // namespace nnrt

const nnrt::Command nnrt_run = {"run", "Compute a net.", nnrt::runCommand};
