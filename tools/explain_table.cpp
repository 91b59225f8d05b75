#include "tools/explain_table.h"

#include "tools/cost_table.h"

#include <cmath>
#include <cstdio>

namespace nnc {

std::string forSizes(const Function &function, const Sizes &sizes) {
  std::string text = sizesText(function, sizes);
  return text.empty() ? "" : ", for " + text;
}

namespace {

class NetTables {
public:
  explicit NetTables(const NetCosts &costs)
      : costs(costs), compiled(*costs.compiled) {}

  void print() {
    std::printf("net %s%s\n", costs.net.name.c_str(),
                forSizes(costs.function, costs.sizes).c_str());
    printLayers();
    std::printf("\nkernels, %s\n", compiled.how.c_str());
    inKernels = printKernels(
        compiled.kernels, compiled.measured, costs.sizes, compiled.machine,
        [this](const KernelCost &kernel) { return holds(kernel); });
    printSaving();
  }

private:
  /// The net's own name goes without saying.
  std::string nameOf(const LayerCost &row) const {
    std::string own = costs.net.name + ".";
    return row.name.starts_with(own) ? row.name.substr(own.size()) : row.name;
  }

  void printLayers() {
    TextTable table({true, false, true, false, false, false, false, false},
                    {"layer", "line", "result", "parameters", "multiply-adds",
                     "bytes", "flop/B", "time"});
    int64_t parameters = 0;
    auto add = [&](const std::string &name, const std::string &line,
                   const std::string &type, int64_t count,
                   const Amounts &amounts) {
      std::vector<std::string> row = {name, line, type,
                                      count ? grouped(count) : ""};
      for (std::string &text : texts(amounts))
        row.push_back(std::move(text));
      table.add(std::move(row));
    };
    for (const LayerCost &row : costs.layers.rows) {
      Amounts amounts =
          amountsOf(row.multiplyAdds, row.bytes, costs.sizes, compiled.machine);
      inLayers += amounts;
      parameters += row.parameters;
      // A layer's own line is where it is defined, not where it is called.
      add(std::string(static_cast<size_t>(2 * row.depth), ' ') + nameOf(row),
          row.location.layer ? "" : std::to_string(row.location.line),
          at(row.result, costs.sizes).str(), row.parameters, amounts);
    }
    add("all", "", "", parameters, inLayers);
    table.print();
  }

  std::string holds(const KernelCost &kernel) const {
    std::vector<std::string> names;
    for (int64_t row : kernel.layers) {
      const Location &location = costs.layers.rows[row].location;
      names.push_back(nameOf(costs.layers.rows[row]) +
                      (location.layer
                           ? ""
                           : " (line " + std::to_string(location.line) + ")"));
    }
    for (int64_t row : kernel.indexed)
      names.push_back("[" + nameOf(costs.layers.rows[row]) + "]");
    return namesText(names);
  }

  /// What fusion did.
  void printSaving() const {
    std::printf("%lld kernel%s move%s %s; layer by layer it is %s",
                static_cast<long long>(inKernels.count),
                inKernels.count == 1 ? "" : "s",
                inKernels.count == 1 ? "s" : "",
                bytesText(inKernels.amounts.bytes).c_str(),
                bytesText(inLayers.bytes).c_str());
    double percent = 0;
    if (inLayers.bytes)
      percent = std::round(100 * (static_cast<double>(inKernels.amounts.bytes) /
                                      static_cast<double>(inLayers.bytes) -
                                  1));
    if (percent != 0)
      std::printf(" (%+.0f %%)", percent);
    std::printf("\n");
  }

  const NetCosts &costs;
  const NetCosts::Compiled &compiled;
  Amounts inLayers;
  KernelTotal inKernels;
};

} // namespace

void printTables(const NetCosts &costs) { NetTables(costs).print(); }

} // namespace nnc
