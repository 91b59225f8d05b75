#include "tools/explain_command.h"

#include "codegen/compile.h"
#include "frontend/spelling.h"
#include "tools/explain_page.h"
#include "tools/explain_table.h"
#include "tools/measured_kernels.h"
#include "tools/memory_report.h"
#include "tools/net_graph.h"

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

/// Compiles each net, step and metric once, and shows what it takes in the form
/// that was asked for.
class Explanation {
public:
  Explanation(Driver &driver, const Program &program,
              const ExplainOptions &options, const Roofline &machine,
              const Sizes &sizes)
      : driver(driver), program(program), options(options), machine(machine),
        sizes(sizes) {}

  /// False if an error was reported.
  bool explain(const NetEntry &net) {
    NetCosts costs(net, program, sizes);
    std::unique_ptr<Function> copy = cloneFunction(costs.function);
    auto kernels = kernelCostsOf(
        costs.function, *copy, costs.layers, [this](Function &function) {
          return driver.compile(function, {"grad", "opt", "kernels"});
        });
    if (!kernels)
      return false;
    std::vector<double> measured = measure(*kernels, *copy, costs.sizes);
    if (!driver.compile(*copy, {"loops"}))
      return false;
    costs.compiled = {how(), machine, std::move(*kernels), std::move(measured),
                      memoryReportOf(*copy, costs.sizes)};
    if (!isText())
      return put(nets, netGraph(costs));
    if (isFirst)
      std::printf("times at best: %.3g GFLOP/s and %.3g GB/s, %s\n",
                  machine.flops / 1e9, machine.bytes / 1e9,
                  machine.source.c_str());
    std::printf("\n");
    isFirst = false;
    printTables(costs);
    print(costs.compiled->memory);
    return true;
  }

  bool explain(const TrainEntry &train) {
    for (const StepEntry &step : train.steps) {
      const Function &function = *program.module.find(step.function);
      if (!explain("train", step.name.empty() ? train.name : step.name,
                   function, sizesOfStep(function, sizes)))
        return false;
    }
    for (const Evaluation &metric : train.metrics)
      if (!explain("metric", metric.text, *program.module.find(metric.function),
                   sizes))
        return false;
    return true;
  }

  std::string nets, steps; ///< As JSON, for a page.

private:
  bool isText() const { return !options.asJson && options.page.empty(); }

  bool put(std::string &list, const std::string &graph) {
    if (options.asJson)
      std::printf("%s\n", graph.c_str());
    else
      list += (list.empty() ? "" : ", ") + graph;
    return true;
  }

  bool explain(const std::string &kind, const std::string &name,
               const Function &function, const Sizes &known) {
    std::unique_ptr<Function> derived = cloneFunction(function);
    if (!driver.compile(*derived, {"grad"}))
      return false;
    StepCosts costs{kind, name, function, known};
    std::unique_ptr<Function> copy;
    if (kind == "train") {
      int64_t products = at(multiplyAddsOf(*derived), known).value();
      StepTable table = stepCostsOf(*derived, program.variables);
      copy = cloneFunction(*derived);
      auto kernels = kernelCostsOf(
          *derived, *copy, table.rows, [this](Function &function) {
            return driver.compile(function, {"opt", "kernels"});
          });
      if (!kernels)
        return false;
      std::vector<double> measured = measure(*kernels, *copy, known);
      costs.compiled = {how(),
                        machine,
                        products,
                        std::move(table),
                        std::move(*kernels),
                        std::move(measured)};
    } else {
      copy = std::move(derived);
      if (!driver.compile(*copy, {"opt", "kernels"}))
        return false;
    }
    if (!driver.compile(*copy, {"loops"}))
      return false;
    costs.memory = memoryReportOf(*copy, known);
    if (!isText())
      return put(steps, stepGraph(costs));
    if (!isFirst && kind == "train")
      std::printf("\n");
    isFirst = true;
    if (costs.compiled)
      printTables(costs);
    else
      std::printf("%s %s\n", kind.c_str(), name.c_str());
    print(costs.memory);
    return true;
  }

  std::vector<double> measure(const std::vector<KernelCost> &kernels,
                              const Function &function, const Sizes &known) {
    if (!options.measures)
      return {};
    return measuredSeconds(kernels, function, known, *driver.oneTarget(),
                           driver.passContext().level);
  }

  /// "-O2 for x86-64-v3"
  std::string how() {
    const PassContext context = driver.passContext();
    return "-O" + std::to_string(context.level) + " for " +
           context.machine.name;
  }

  Driver &driver;
  const Program &program;
  const ExplainOptions &options;
  const Roofline &machine;
  const Sizes &sizes;
  bool isFirst = true; ///< Whether what comes next needs no line before it.
};

bool writePage(const std::string &path, const std::string &program,
               const Explanation &explanation) {
  std::string data;
  llvm::raw_string_ostream(data)
      << "{\"program\": " << llvm::json::Value(program) << ", \"nets\": ["
      << explanation.nets << "], \"steps\": [" << explanation.steps << "]}";
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
  const Target *target = driver.oneTarget();
  if ((options.measures || options.peak.empty()) && !hostSupports(*target)) {
    driver.fail(
        std::string("this machine cannot run ") + target->name +
        " code, and so cannot measure it" +
        (options.measures ? "" : "; --peak GFLOP/s,GB/s says what it can do"));
    return std::nullopt;
  }
  if (!options.peak.empty()) {
    std::optional<Roofline> given = parseRoofline(options.peak);
    if (!given)
      driver.fail("--peak takes GFLOP/s,GB/s, two positive numbers, not '" +
                  options.peak + "'");
    return given;
  }
  return measureRoofline(*target, driver.precision(),
                         options.measures ? 1 : coresHere());
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
  Explanation explanation(driver, *program, options, *machine, sizes);
  for (const NetEntry &net : program->nets)
    if (options.nets.empty() ||
        std::find(options.nets.begin(), options.nets.end(), net.name) !=
            options.nets.end())
      if (!explanation.explain(net))
        return driver.exitCode();
  if (options.nets.empty())
    for (const TrainEntry &train : program->trains)
      if (!explanation.explain(train))
        return driver.exitCode();
  driver.printTimes();
  driver.printRewrites();
  if (!options.page.empty() &&
      !writePage(options.page, program->name, explanation))
    return driver.fail("cannot write " + options.page);
  return driver.exitCode();
}

} // namespace nnc
