#include "tools/cost_table.h"

#include <algorithm>
#include <cstdio>

namespace nnc {

std::string grouped(int64_t value) {
  std::string text = std::to_string(value);
  for (auto place = static_cast<int64_t>(text.size()) - 3; place > 0;
       place -= 3)
    text.insert(static_cast<size_t>(place), ",");
  return text;
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

/// Breaks at ", ".
std::string wrapped(const std::string &text, size_t column) {
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

} // namespace

std::string bytesText(int64_t bytes) {
  if (bytes < 1000)
    return std::to_string(bytes) + " B";
  return inUnits(static_cast<double>(bytes), 1e3, {"kB", "MB", "GB", "TB"});
}

std::string secondsText(double seconds) {
  return inUnits(seconds, 1e-9, {"ns", "us", "ms", "s"});
}

Amounts amountsOf(const Dim &multiplyAdds, const Dim &bytes, const Sizes &sizes,
                  const Roofline &machine) {
  Amounts all{at(multiplyAdds, sizes).value(), at(bytes, sizes).value()};
  all.seconds = machine.seconds(all.multiplyAdds, all.bytes);
  return all;
}

std::vector<std::string> texts(const Amounts &all) {
  std::string intensity;
  if (all.multiplyAdds && all.bytes)
    intensity = threeDigits(2 * static_cast<double>(all.multiplyAdds) /
                            static_cast<double>(all.bytes));
  return {all.multiplyAdds ? grouped(all.multiplyAdds) : "",
          all.bytes ? bytesText(all.bytes) : "", intensity,
          all.seconds > 0 ? secondsText(all.seconds) : ""};
}

void TextTable::print() const {
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

std::string namesText(const std::vector<std::string> &names) {
  std::string text;
  for (size_t i = 0; i < names.size();) {
    size_t end = i + 1;
    while (end < names.size() && names[end] == names[i])
      ++end;
    text += (text.empty() ? "" : ", ") + names[i] +
            (end > i + 1 ? " (" + std::to_string(end - i) + " rows)" : "");
    i = end;
  }
  return text;
}

KernelTotal
printKernels(const std::vector<KernelCost> &kernels,
             const std::vector<double> &measured, const Sizes &sizes,
             const Roofline &machine,
             const std::function<std::string(const KernelCost &)> &holds) {
  std::vector<std::string> heads = {"kernel", "result", "multiply-adds",
                                    "bytes",  "flop/B", "time"};
  std::vector<bool> left = {false, true, false, false, false, false};
  if (!measured.empty()) {
    heads.emplace_back("measured");
    left.push_back(false);
  }
  heads.emplace_back("holds");
  left.push_back(true);
  TextTable table(std::move(left), std::move(heads));
  auto add = [&](const std::string &number, const std::string &type,
                 const Amounts &amounts, double taken,
                 const std::string &what) {
    std::vector<std::string> row = {number, type};
    for (std::string &text : texts(amounts))
      row.push_back(std::move(text));
    if (!measured.empty())
      row.push_back(taken > 0 ? secondsText(taken) : "");
    row.push_back(what);
    table.add(std::move(row));
  };
  KernelTotal total;
  double allTaken = 0;
  for (size_t i = 0; i < kernels.size(); ++i) {
    const KernelCost &kernel = kernels[i];
    double taken = measured.empty() ? 0 : measured[i];
    allTaken += taken;
    Amounts amounts =
        amountsOf(kernel.multiplyAdds, kernel.bytes, sizes, machine);
    total.amounts += amounts;
    total.count += !kernel.isLoop;
    std::string what = holds(kernel);
    if (kernel.isLoop)
      what += ":";
    else if (what.empty())
      what = "constants";
    add(kernel.isLoop ? "" : std::to_string(total.count),
        kernel.result ? at(kernel.result, sizes).str() : "", amounts, taken,
        std::string(static_cast<size_t>(2 * kernel.depth), ' ') + what);
  }
  add("all", "", total.amounts, allTaken, "");
  table.print();
  return total;
}

} // namespace nnc
