//===- tools/cost_table.h - Tables of what computations take --------------===//
#ifndef NNC_TOOLS_COST_TABLE_H
#define NNC_TOOLS_COST_TABLE_H

#include "ir/kernel_cost.h"
#include "tools/at_sizes.h"
#include "tools/roofline.h"

namespace nnc {

/// "12,443,648"
std::string grouped(int64_t value);
/// "1.61 MB"
std::string bytesText(int64_t bytes);
/// "80.6 us"
std::string secondsText(double seconds);

/// What a row takes.
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
Amounts amountsOf(const Dim &multiplyAdds, const Dim &bytes, const Sizes &sizes,
                  const Roofline &machine);
/// Multiply-adds, bytes, flop/B and time; nothing where there is nothing.
std::vector<std::string> texts(const Amounts &all);

class TextTable {
public:
  /// `left` says for each column whether its text stands on the left.
  TextTable(std::vector<bool> left, std::vector<std::string> heads)
      : left(std::move(left)), rows{std::move(heads)} {}

  void add(std::vector<std::string> row) { rows.push_back(std::move(row)); }

  /// A last column that is too long goes on below.
  void print() const;

private:
  std::vector<bool> left;
  std::vector<std::vector<std::string>> rows;
};

/// "relu (2 rows), dense1"
std::string namesText(const std::vector<std::string> &names);

struct KernelTotal {
  Amounts amounts;
  int64_t count = 0;
};
/// `measured` has seconds for each kernel, or nothing; `holds` says what is in
/// a kernel.
KernelTotal
printKernels(const std::vector<KernelCost> &kernels,
             const std::vector<double> &measured, const Sizes &sizes,
             const Roofline &machine,
             const std::function<std::string(const KernelCost &)> &holds);

} // namespace nnc

#endif // NNC_TOOLS_COST_TABLE_H
