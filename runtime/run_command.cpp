//===- runtime/run_command.cpp --------------------------------------------===//
#include "runtime/atomic_file.h"
#include "runtime/commands.h"
#include "runtime/executor.h"
#include "runtime/output.h"
#include "runtime/value.h"

#include <algorithm>
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

/// Reads what was given for each input, and fills `offers`.
static bool readInputs(const Function &function,
                       const Array<const char *> &texts, Array<Tensor> &values,
                       Array<Offer> &offers, Error &error) {
  for (int32_t i = 0; i < function.argCount; ++i) {
    const Slot &slot = function.args[i];
    if (slot.kind != SlotKind::Input)
      continue;
    if (!texts[i])
      return error.set("%s needs --%s VALUE", function.name, slot.name);
    bool reshape;
    if (!readValue(texts[i], values[i], reshape, error))
      return false;
    if (reshape)
      fitRank(values[i].shape, slot.rank);
    const Tensor &value = values[i];
    int64_t bad =
        firstInconvertible(value.type, value.data, value.count(), slot.elem);
    if (bad >= 0) {
      Text element;
      appendElement(element, value.type, value.data, bad);
      return error.set("--%s: %s is no %s", slot.name, element.c_str(),
                       typeName(slot.elem));
    }
    offers[i] = {true, value.shape, !reshape};
  }
  return true;
}

static bool callNet(const Program &program, const Function &function,
                    const Array<const char *> &texts,
                    const Array<int64_t> &dims, const char *weights,
                    const Output &output, int64_t seed, int threads,
                    Error &error) {
  Team team(threads);
  Variables variables;
  if (!variables.allocate(program, error) ||
      !(weights ? variables.load(weights, error)
                : variables.initialise(0, team, error)))
    return false;
  bool trained = false;
  for (int32_t i = 0; i < function.argCount; ++i)
    trained |= function.args[i].kind == SlotKind::Variable;
  if (!weights && trained && program.trainCount)
    std::fprintf(stderr, "note: these are the initial parameters of seed 0; "
                         "--weights FILE reads trained ones\n");

  Array<Tensor> values;
  Array<Offer> offers;
  values.resize(function.argCount);
  offers.resize(function.argCount);
  Call call;
  if (!readInputs(function, texts, values, offers, error) ||
      !call.bind(function, offers.data(), dims.data(), variables, team, error))
    return false;
  for (int32_t i = 0; i < function.argCount; ++i)
    if (function.args[i].kind == SlotKind::Input)
      convert(values[i].type, values[i].data, function.args[i].elem,
              call.argument(i), values[i].count());
  call.setScalar(SlotKind::Seed, seed);
  for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
    call.setScalar(kind, 1);
  if (!call.run(team, error))
    return false;
  Array<Result> results;
  for (int32_t i = 0; i < function.resultCount; ++i)
    if (function.results[i].kind == SlotKind::Input)
      results.push({&function.results[i], call.resultShape(i), call.result(i)});
  return output.write(results, error);
}

int runCommand(const Program &program, int argc, char **argv) {
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
  const Function *function = net ? &program.functions[net->function] : nullptr;
  Array<const char *> texts, positional;
  Array<int64_t> dims;
  texts.resize(function ? function->argCount : 0);
  dims.resize(function ? function->dimCount : 0);
  std::fill(dims.begin(), dims.end(), -1);
  for (int32_t i = 0; function && i < function->argCount; ++i)
    if (function->args[i].kind == SlotKind::Input)
      specs.push({function->args[i].name, nullptr, "VALUE",
                  "An input: [[0, 1]], x.npy, or x.gz[7] (idx).",
                  OptionKind::Text, &texts[i]});
  for (int32_t i = 0; function && i < function->dimCount; ++i)
    specs.push({function->dimNames[i], nullptr, "N",
                "A dimension, where no input gives it.", OptionKind::Integer,
                &dims[i]});
  // After the net's own names, which win.
  specs.push({"weights", nullptr, "FILE", "Read the weights (safetensors).",
              OptionKind::Text, &weights});
  specs.push({"out", "o", "FILE",
              "Write the result: .txt, .csv, .npy, .png, .pgm or .ppm.",
              OptionKind::Text, &path});
  specs.push({"format", nullptr, "NAME",
              "Another format than the name of FILE says, or the terminal's: "
              "text, csv, npy, png, pgm or ppm.",
              OptionKind::Text, &format});
  specs.push({"seed", nullptr, "N", "Seed of every random number.",
              OptionKind::Integer, &seed, nullptr, INT64_MIN});
  common.addTo(specs);
  if (!parseOptions(argc ? argc - (net != nullptr) : 0, argv + (net != nullptr),
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
  for (int32_t i = 0; function && i < function->dimCount; ++i)
    if (dims[i] < 0 && net->dimDefaults)
      dims[i] = net->dimDefaults[i];
  if (!net)
    error.set("run needs the name of a net: %s run NET", program.name);
  else if (!positional.empty())
    error.set("run takes one net; '%s' is one too many", positional[0]);
  else if (common.apply(error) && output.choose(path, format, error) &&
           (!output.path || checkWritable(output.path, error)) &&
           callNet(program, *function, texts, dims, weights, output, seed,
                   int(common.threads), error))
    return ExitOk;
  return error.report();
}

} // namespace nnrt
