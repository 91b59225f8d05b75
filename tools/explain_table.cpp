#include "tools/explain_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nnc {

std::string grouped(int64_t value) {
  std::string text = std::to_string(value);
  for (auto place = static_cast<int64_t>(text.size()) - 3; place > 0;
       place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
}

std::string forSizes(const Function &function, const Sizes &sizes) {
  std::string text = sizesText(function, sizes);
  return text.empty() ? "" : ", for " + text;
}

namespace {

constexpr size_t pageWidth = 120;

std::string threeDigits(double value) {
  int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// In the unit that leaves one to three digits before the point.
std::string inUnits(double value, double first,
                    std::initializer_list<const char *> units) {
  value /= first;
  auto unit = units.begin();
  while (value >= 999.5 && unit + 1 != units.end()) {
    value /= 1000;
    ++unit;
  }
  return threeDigits(value) + " " + *unit;
}

std::string bytesText(int64_t bytes) {
  if (bytes < 1000)
    return std::to_string(bytes) + " B";
  return inUnits(static_cast<double>(bytes), 1e3, {"kB", "MB", "GB", "TB"});
}

std::string secondsText(double seconds) {
  return inUnits(seconds, 1e-9, {"ns", "us", "ms", "s"});
}

/// What a row of either table takes.
struct Amounts {
  int64_t multiplyAdds = 0, bytes = 0;
  double seconds = 0;

  Amounts &operator+=(const Amounts &other) {
    multiplyAdds += other.multiplyAdds;
    bytes += other.bytes;
    seconds += other.seconds;
    return *this;
  }
};

/// Nothing where there is nothing.
std::vector<std::string> texts(const Amounts &all) {
  std::string intensity;
  if (all.multiplyAdds && all.bytes)
    intensity = threeDigits(2 * static_cast<double>(all.multiplyAdds) /
                            static_cast<double>(all.bytes));
  return {all.multiplyAdds ? grouped(all.multiplyAdds) : "",
          all.bytes ? bytesText(all.bytes) : "", intensity,
          all.seconds > 0 ? secondsText(all.seconds) : ""};
}

class Table {
public:
  /// `left` says for each column whether its text stands on the left.
  Table(std::vector<bool> left, std::vector<std::string> heads)
      : left(std::move(left)), rows{std::move(heads)} {}

  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }

  /// A last column that is too long goes on below.
  void print() const {
    std::vector<size_t> widths(left.size());
    for (const std::vector<std::string> &row : rows)
      for (size_t i = 0; i < row.size(); ++i)
        widths[i] = std::max(widths[i], row[i].size());
    for (const std::vector<std::string> &row : rows) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        line += i ? "  " : "";
        std::string gap(widths[i] - row[i].size(), ' ');
        if (left[i] && i + 1 == row.size())
          line += wrapped(row[i], line.size());
        else
          line += left[i] ? row[i] + gap : gap + row[i];
      }
      line.resize(line.find_last_not_of(' ') + 1);
      std::printf("%s\n", line.c_str());
    }
  }

private:
  /// Breaks at ", ".
  static std::string wrapped(const std::string &text, size_t column) {
    std::string result;
    size_t used = column;
    for (size_t from = 0; from < text.size();) {
      size_t comma = text.find(", ", from);
      size_t end = comma == std::string::npos ? text.size() : comma + 2;
      if (from && used + end - from > pageWidth) {
        result.resize(result.find_last_not_of(' ') + 1);
        result += "\n" + std::string(column, ' ');
        used = column;
      }
      result += text.substr(from, end - from);
      used += end - from;
      from = end;
    }
    return result;
  }

  std::vector<bool> left;
  std::vector<std::vector<std::string>> rows;
};

class NetTables {
public:
  explicit NetTables(const NetCosts &costs)
      : costs(costs), compiled(*costs.compiled) {}

  void print() {
    std::printf("net %s%s\n", costs.net.name.c_str(),
                forSizes(costs.function, costs.sizes).c_str());
    printLayers();
    std::printf("\nkernels, %s\n", compiled.how.c_str());
    printKernels();
    printSaving();
  }

private:
  Amounts amountsOf(const Dim &multiplyAdds, const Dim &bytes) const {
    Amounts all{costs.value(multiplyAdds), costs.value(bytes)};
    all.seconds = compiled.machine.seconds(all.multiplyAdds, all.bytes);
    return all;
  }

  /// The net's own name goes without saying.
  std::string nameOf(const LayerCost &row) const {
    std::string own = costs.net.name + ".";
    return row.name.starts_with(own) ? row.name.substr(own.size()) : row.name;
  }

  void printLayers() {
    Table table({true, false, true, false, false, false, false, false},
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
      Amounts amounts = amountsOf(row.multiplyAdds, row.bytes);
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
    std::vector<std::pair<std::string, int64_t>> names;
    auto add = [&](const std::string &name) {
      if (names.empty() || names.back().first != name)
        names.emplace_back(name, 0);
      ++names.back().second;
    };
    for (int64_t row : kernel.layers) {
      const Location &location = costs.layers.rows[row].location;
      add(nameOf(costs.layers.rows[row]) +
          (location.layer ? ""
                          : " (line " + std::to_string(location.line) + ")"));
    }
    for (int64_t row : kernel.indexed)
      add("[" + nameOf(costs.layers.rows[row]) + "]");
    std::string text;
    for (const auto &[name, rows] : names)
      text += (text.empty() ? "" : ", ") + name +
              (rows > 1 ? " (" + std::to_string(rows) + " rows)" : "");
    if (kernel.isLoop)
      return text + ":";
    return text.empty() ? "constants" : text;
  }

  void printKernels() {
    Table table({false, true, false, false, false, false, true},
                {"kernel", "result", "multiply-adds", "bytes", "flop/B", "time",
                 "holds"});
    auto add = [&](const std::string &number, const std::string &type,
                   const Amounts &amounts, const std::string &what) {
      std::vector<std::string> row = {number, type};
      for (std::string &text : texts(amounts))
        row.push_back(std::move(text));
      row.push_back(what);
      table.add(std::move(row));
    };
    for (const KernelCost &kernel : compiled.kernels) {
      Amounts amounts = amountsOf(kernel.multiplyAdds, kernel.bytes);
      inKernels += amounts;
      count += !kernel.isLoop;
      add(kernel.isLoop ? "" : std::to_string(count),
          kernel.result ? at(kernel.result, costs.sizes).str() : "", amounts,
          std::string(static_cast<size_t>(2 * kernel.depth), ' ') +
              holds(kernel));
    }
    add("all", "", inKernels, "");
    table.print();
  }

  /// What fusion did.
  void printSaving() const {
    std::printf("%lld kernel%s move%s %s; layer by layer it is %s",
                static_cast<long long>(count), count == 1 ? "" : "s",
                count == 1 ? "s" : "", bytesText(inKernels.bytes).c_str(),
                bytesText(inLayers.bytes).c_str());
    double percent = 0;
    if (inLayers.bytes)
      percent = std::round(100 * (static_cast<double>(inKernels.bytes) /
                                      static_cast<double>(inLayers.bytes) -
                                  1));
    if (percent != 0)
      std::printf(" (%+.0f %%)", percent);
    std::printf("\n");
  }

  const NetCosts &costs;
  const NetCosts::Compiled &compiled;
  Amounts inLayers, inKernels;
  int64_t count = 0;
};

} // namespace

void printTables(const NetCosts &costs) { NetTables(costs).print(); }

} // namespace nnc
