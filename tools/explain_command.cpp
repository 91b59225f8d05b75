#include "tools/explain_command.h"

#include "codegen/compile.h"
#include "frontend/spelling.h"
#include "tools/explain_page.h"
#include "tools/explain_table.h"
#include "tools/memory_report.h"
#include "tools/net_graph.h"
#include "tools/prune.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

namespace nnc {

namespace {

/// A size that is given and that no function has, or null.
const std::string *unknownSize(const Program &program, const Sizes &sizes) {
  std::set<std::string> known;
  for (const auto &function : program.module.functions)
    for (const std::string &name : function->dimSymbols())
      known.insert(name);
  for (const auto &[name, value] : sizes)
    if (!known.contains(name))
      return &name;
  return nullptr;
}

/// The batch is stated; other sizes are as for nets.
Sizes sizesOfStep(const Function &function, Sizes known) {
  if (const Attr *expected = function.attrs.find("expected"))
    for (const auto &[name, size] : expected->asDict())
      known.try_emplace(name, size.asInt());
  return known;
}

/// `lowered` is the same program in loop IR.
void explainTraining(const Program &program, const Program &lowered,
                     const Sizes &sizes) {
  for (const TrainEntry &train : program.trains) {
    for (const StepEntry &step : train.steps) {
      const Function &function = *program.module.find(step.function);
      Sizes known = sizesOfStep(function, sizes);
      Dim products = at(multiplyAddsOf(function), known);
      std::printf("train %s%s: %s multiply-adds a step, forward and backward\n",
                  (step.name.empty() ? train.name : step.name).c_str(),
                  forSizes(function, known).c_str(),
                  grouped(products.value()).c_str());
      printMemory(*lowered.module.find(step.function), known);
    }
    for (const Evaluation &metric : train.metrics) {
      std::printf("metric %s\n", metric.text.c_str());
      printMemory(*lowered.module.find(metric.function), sizes);
    }
  }
}

/// The program in loop IR: what `explain` tells the memory of.
std::optional<Program> lowered(Driver &driver, const Program &program) {
  Program copy = cloneProgram(program);
  pruneForExplain(copy);
  if (!driver.optimise(copy, Phase::Opt) ||
      !driver.lower(copy, *driver.oneTarget(), Phase::Loops))
    return std::nullopt;
  return copy;
}

bool writePage(const std::string &path, const std::string &program,
               const std::string &graphs) {
  std::string data;
  llvm::raw_string_ostream(data)
      << "{\"program\": " << llvm::json::Value(program) << ", \"nets\": ["
      << graphs << "]}";
  std::ofstream file(path, std::ios::binary);
  constexpr std::string_view mark = "@DATA@";
  size_t place = explainPage.find(mark);
  file << explainPage.substr(0, place);
  // No text of the data may end the script in which it stands.
  for (char c : data)
    if (c == '<')
      file << "\\u003c";
    else
      file << c;
  file << explainPage.substr(place + mark.size());
  return static_cast<bool>(file.flush());
}

/// What times are reckoned by; nothing, and a message, if that is not known.
std::optional<Roofline> rooflineOf(Driver &driver,
                                   const ExplainOptions &options) {
  if (!options.peak.empty()) {
    std::optional<Roofline> given = parseRoofline(options.peak);
    if (!given)
      driver.fail("--peak takes GFLOP/s,GB/s, two positive numbers, not '" +
                  options.peak + "'");
    return given;
  }
  const Target *target = driver.oneTarget();
  if (!hostSupports(*target)) {
    driver.fail(std::string("this machine cannot run ") + target->name +
                " code, and so cannot measure it; --peak GFLOP/s,GB/s says "
                "what it can do");
    return std::nullopt;
  }
  return measureRoofline(*target, driver.precision());
}

} // namespace

int explain(Driver &driver, const ExplainOptions &options) {
  Sizes sizes;
  if (!driver.parseSizes(options.sizes, "--size", sizes))
    return driver.exitCode();
  std::optional<Program> program = driver.load();
  if (!program)
    return driver.exitCode();
  std::vector<std::string> names;
  for (const NetEntry &net : program->nets)
    names.push_back(net.name);
  for (const std::string &wanted : options.nets)
    if (std::find(names.begin(), names.end(), wanted) == names.end())
      return driver.fail("there is no net " + wanted +
                         didYouMean(nearest(wanted, names)));
  if (const std::string *unknown = unknownSize(*program, sizes))
    return driver.fail("--size " + *unknown + "=" +
                       std::to_string(sizes[*unknown]) +
                       ": no net has a dimension " + *unknown);
  std::optional<Roofline> machine = rooflineOf(driver, options);
  if (!machine)
    return driver.exitCode();
  // Of an imported net that the file trains, there is the step.
  if (program->nets.empty() && program->trains.empty())
    std::fprintf(stderr, "nnc: note: %s has no net to explain\n",
                 program->name.c_str());
  const PassContext context = driver.passContext();
  bool asText = !options.asJson && options.page.empty();
  std::optional<Program> loops;
  if (asText) {
    if (!(loops = lowered(driver, *program)))
      return driver.exitCode();
    driver.printRewrites();
  }
  bool first = true;
  std::string graphs;
  for (const NetEntry &net : program->nets) {
    bool isWanted = options.nets.empty() ||
                    std::find(options.nets.begin(), options.nets.end(),
                              net.name) != options.nets.end();
    if (!isWanted)
      continue;
    driver.forgetRewrites();
    NetCosts costs(net, *program, sizes);
    costs.compiled = {"-O" + std::to_string(context.level) + " for " +
                          context.machine.name,
                      *machine,
                      {}};
    if (!driver.report(kernelCostsOf(costs.function, costs.layers, context,
                                     costs.compiled->kernels)))
      return driver.exitCode();
    if (!asText)
      driver.printRewrites();
    if (options.asJson) {
      std::printf("%s\n", netGraph(costs).c_str());
      continue;
    }
    if (!options.page.empty()) {
      graphs += (graphs.empty() ? "" : ", ") + netGraph(costs);
      continue;
    }
    if (first)
      std::printf("times at best: %.3g GFLOP/s and %.3g GB/s, %s\n",
                  machine->flops / 1e9, machine->bytes / 1e9,
                  machine->source.c_str());
    std::printf("\n");
    first = false;
    printTables(costs);
    printMemory(*loops->module.find(net.function), costs.sizes);
  }
  if (!options.page.empty() && !writePage(options.page, program->name, graphs))
    return driver.fail("cannot write " + options.page);
  if (!asText || !options.nets.empty() || program->trains.empty())
    return driver.exitCode();
  driver.forgetRewrites();
  if (!driver.optimise(*program, Phase::Grad))
    return driver.exitCode();
  if (!first)
    std::printf("\n");
  explainTraining(*program, *loops, sizes);
  return driver.exitCode();
}

} // namespace nnc
