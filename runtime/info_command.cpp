//===- runtime/info_command.cpp -------------------------------------------===//
#include "runtime/commands.h"
#include "runtime/tensor.h"

#include <cinttypes>
#include <cstdio>

namespace nnrt {

static void printSlot(const Slot &slot) {
  std::printf("%s: %s", slot.name, typeName(slot.elem));
  for (int32_t i = 0; i < slot.rank; ++i)
    std::printf("%s%s", i ? ", " : "[", slot.axes[i]);
  std::printf("%s", slot.rank ? "]" : "");
}

static void printNet(const Program &program, const Net &net) {
  const Function &function = program.functions[net.function];
  std::printf("net %s(", net.name);
  bool first = true;
  for (int32_t i = 0; i < function.argCount; ++i) {
    if (function.args[i].kind != SlotKind::Input)
      continue;
    std::printf("%s", first ? "" : ", ");
    printSlot(function.args[i]);
    first = false;
  }
  std::printf(") -> (");
  first = true;
  for (int32_t i = 0; i < function.resultCount; ++i) {
    if (function.results[i].kind != SlotKind::Input)
      continue;
    std::printf("%s", first ? "" : ", ");
    printSlot(function.results[i]);
    first = false;
  }
  std::printf(")\n");
}

static void printVariables(const Program &program, VariableKind kind,
                           const char *title) {
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
  std::printf("%s: %" PRId64 " in %" PRId64 " tensors, %s\n", title, elements,
              count, bytesText(bytes).c_str());
  for (int32_t i = 0; i < program.variableCount; ++i) {
    const Variable &variable = program.variables[i];
    if (variable.kind == kind)
      std::printf("  %s: %s%s\n", variable.path, typeName(variable.elem),
                  variable.rank
                      ? shapeText(variable.shape, variable.rank).c_str()
                      : "");
  }
}

int infoCommand(const Program &program, int argc, char **argv) {
  Array<const char *> positional;
  Error error;
  bool help;
  if (!parseOptions(argc, argv, nullptr, 0, positional, help, error))
    return error.report();
  if (help) {
    std::printf("Usage: %s info\nShows the program's nets, parameters, train "
                "blocks and instruction set.\n",
                program.name);
    return ExitOk;
  }
  std::printf("program %s, compiled for %s\n", program.name, program.target);
  for (int32_t i = 0; i < program.netCount; ++i)
    printNet(program, program.nets[i]);
  printVariables(program, VariableKind::Parameter, "parameters");
  printVariables(program, VariableKind::State, "state");
  for (int32_t i = 0; i < program.trainCount; ++i) {
    const Train &train = program.trains[i];
    std::printf(
        "train %s: batch %" PRId64 ", %" PRId64 " epochs, seed %" PRId64 "%s\n",
        train.name, train.batch, train.epochs, train.seedGiven ? train.seed : 0,
        train.shuffle ? ", shuffled" : "");
    for (int32_t s = 0; s < train.sourceCount; ++s) {
      const Source &source = program.sources[train.sources[s]];
      for (int32_t c = 0; c < source.columnCount; ++c)
        std::printf("  data %s: %s\n", source.columns[c].name,
                    source.kind == SourceKind::Literal
                        ? "literal"
                        : source.columns[c].path);
    }
    for (int32_t m = 0; m < train.metricCount; ++m)
      std::printf("  metric %s\n", train.metrics[m].text);
  }
  if (program.testCount)
    std::printf("tests: %d\n", program.testCount);
  return ExitOk;
}

} // namespace nnrt
