#include "tools/cost_table.h"
#include "tools/explain_table.h"

#include <algorithm>
#include <cstdio>

namespace nnc {

namespace {

class StepTables {
public:
  explicit StepTables(const StepCosts &costs)
      : costs(costs), compiled(*costs.compiled) {}

  void print() const {
    std::printf("train %s%s: %s multiply-adds a step, forward and backward\n",
                costs.name.c_str(),
                forSizes(costs.function, costs.sizes).c_str(),
                grouped(compiled.multiplyAdds).c_str());
    printLayers();
    std::printf("\nkernels, %s\n", compiled.how.c_str());
    printKernels(compiled.kernels, compiled.measured, costs.sizes,
                 compiled.machine,
                 [this](const KernelCost &kernel) { return holds(kernel); });
  }

private:
  std::string nameOf(const StepLayer &layer) const {
    std::string own = costs.name + ".";
    return layer.name.starts_with(own) ? layer.name.substr(own.size())
                                       : layer.name;
  }

  void printLayers() const {
    TextTable table({true, false, false, false, false, false, false, false},
                    {"layer", "line", "multiply-adds forward", "backward",
                     "bytes forward", "backward", "update", "time"});
    auto add = [&](std::string name, std::string line,
                   const Amounts(&parts)[stepParts]) {
      std::vector<std::string> row = {std::move(name), std::move(line)};
      Amounts all;
      for (const Amounts &part : parts)
        all += part;
      for (StepPart part : {Forward, Backward})
        row.push_back(texts(parts[part])[0]);
      for (const Amounts &part : parts)
        row.push_back(texts(part)[1]);
      row.push_back(texts(all)[3]);
      table.add(std::move(row));
    };
    Amounts all[stepParts];
    for (const StepLayer &layer : compiled.table.layers) {
      Amounts parts[stepParts];
      for (int64_t i = 0; i < stepParts; ++i) {
        parts[i] = amountsOf(layer.multiplyAdds[i], layer.bytes[i], costs.sizes,
                             compiled.machine);
        all[i] += parts[i];
      }
      add(std::string(static_cast<size_t>(2 * layer.depth), ' ') +
              nameOf(layer),
          layer.location.layer ? "" : std::to_string(layer.location.line),
          parts);
    }
    add("all", "", all);
    table.print();
  }

  /// "dense2, mse; back: mse, dense2; update: dense2"
  std::string holds(const KernelCost &kernel) const {
    std::vector<std::string> names[stepParts];
    std::vector<std::pair<int64_t, StepPart>> known;
    auto add = [&](int64_t row, bool isIndexed) {
      int64_t place = compiled.table.layerOf[row];
      StepPart part = compiled.table.partOf[row];
      std::pair<int64_t, StepPart> key = {place, part};
      if (std::find(known.begin(), known.end(), key) != known.end())
        return;
      known.push_back(key);
      const StepLayer &layer = compiled.table.layers[place];
      std::string name = nameOf(layer);
      if (!layer.location.layer && !isIndexed)
        name += " (line " + std::to_string(layer.location.line) + ")";
      names[part].push_back(isIndexed ? "[" + name + "]" : name);
    };
    for (int64_t row : kernel.layers)
      add(row, false);
    for (int64_t row : kernel.indexed)
      add(row, true);
    std::string text;
    constexpr const char *heads[stepParts] = {"", "back: ", "update: "};
    for (int64_t part = 0; part < stepParts; ++part)
      if (!names[part].empty())
        text += (text.empty() ? "" : "; ") + std::string(heads[part]) +
                namesText(names[part]);
    return text;
  }

  const StepCosts &costs;
  const StepCosts::Compiled &compiled;
};

} // namespace

void printTables(const StepCosts &costs) { StepTables(costs).print(); }

} // namespace nnc
