#include "tools/explain_command.h"

#include "frontend/spelling.h"
#include "ir/cost.h"
#include "tools/at_sizes.h"
#include "tools/net_graph.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace nnc {

namespace {

/// "12,443,648"
std::string grouped(int64_t value) {
  std::string text = std::to_string(value);
  for (auto place = static_cast<int64_t>(text.size()) - 3; place > 0;
       place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
}

/// ", for B = 1, T = 100"; nothing if all sizes are constant.
std::string forSizes(const Function &function, const Sizes &sizes) {
  std::string text = sizesText(function, sizes);
  return text.empty() ? "" : ", for " + text;
}

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

void explainNet(const NetEntry &net, const Function &function,
                const Program &program, const Sizes &given) {
  const Sizes sizes = withDefaults(given, function);
  std::vector<LayerCost> rows = costsOf(function, program.variables);
  auto nameOf = [](const LayerCost &row) {
    return std::string(static_cast<size_t>(2 * row.depth), ' ') + row.name;
  };
  size_t nameWidth = 5, typeWidth = 6;
  for (const LayerCost &row : rows) {
    nameWidth = std::max(nameWidth, nameOf(row).size());
    typeWidth = std::max(typeWidth, at(row.result, sizes).str().size());
  }
  auto print = [&](const std::string &name, const std::string &line,
                   const std::string &type, const std::string &parameters,
                   const std::string &products) {
    std::printf("%-*s  %5s  %-*s  %13s  %17s\n", static_cast<int>(nameWidth),
                name.c_str(), line.c_str(), static_cast<int>(typeWidth),
                type.c_str(), parameters.c_str(), products.c_str());
  };
  std::printf("net %s%s\n", net.name.c_str(),
              forSizes(function, sizes).c_str());
  print("layer", "line", "result", "parameters", "multiply-adds");
  int64_t parameters = 0;
  Dim products;
  for (const LayerCost &row : rows) {
    parameters += row.parameters;
    Dim count = at(row.multiplyAdds, sizes);
    products = products + count;
    // A layer's own line is where it is defined, not where it is called.
    print(nameOf(row),
          row.location.layer ? "" : std::to_string(row.location.line),
          at(row.result, sizes).str(),
          row.parameters ? grouped(row.parameters) : "",
          count.isConstant(0) ? "" : grouped(count.value()));
  }
  print("all", "", "", grouped(parameters), grouped(products.value()));
}

void explainTraining(const Program &program, Sizes sizes) {
  for (const TrainEntry &train : program.trains)
    for (const StepEntry &step : train.steps) {
      const Function *function = program.module.find(step.function);
      if (!function)
        continue;
      // The batch is stated; other sizes are as for nets.
      Sizes known = sizes;
      if (const Attr *expected = function->attrs.find("expected"))
        for (const auto &[name, size] : expected->asDict())
          known.try_emplace(name, size.asInt());
      Dim products = at(multiplyAddsOf(*function), known);
      std::printf("train %s%s: %s multiply-adds a step, forward and backward\n",
                  (step.name.empty() ? train.name : step.name).c_str(),
                  forSizes(*function, known).c_str(),
                  grouped(products.value()).c_str());
    }
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
  bool first = true;
  for (const NetEntry &net : program->nets) {
    bool isWanted = options.nets.empty() ||
                    std::find(options.nets.begin(), options.nets.end(),
                              net.name) != options.nets.end();
    if (!isWanted)
      continue;
    if (options.asJson) {
      std::printf("%s\n", netGraph(net, *program, sizes).c_str());
      continue;
    }
    if (!first)
      std::printf("\n");
    first = false;
    explainNet(net, *program->module.find(net.function), *program, sizes);
  }
  if (!options.nets.empty() || program->trains.empty() || options.asJson)
    return driver.exitCode();
  if (!driver.optimise(*program, Phase::Grad))
    return driver.exitCode();
  if (!first)
    std::printf("\n");
  explainTraining(*program, sizes);
  return driver.exitCode();
}

} // namespace nnc
