//===- ir/kernels/tuning.h - Schedules that were measured -----------------===//
//
// A table in a file that a user may commit, a line for each kernel: what it is,
// its schedule, and the milliseconds that it took with this and with the
// model's. The file is sorted, so that equal tables are equal files.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_TUNING_H
#define NNC_IR_KERNELS_TUNING_H

#include "ir/kernels/product_tiles.h"

#include <map>
#include <string>

namespace nnc {

struct TunedKernel {
  ProductTiles tiles;
  double ms = 0, modelMs = 0;
  int line = 0; ///< In the file; 0: it comes from no file.
};

class Tuning {
public:
  std::string path;
  std::map<std::string, TunedKernel> kernels; ///< By `kernelKey`.

  /// Reads what `print` gives. What is wrong, as "PATH:LINE: error: ...", or
  /// "".
  std::string parse(std::string_view text);
  std::string print() const;
};

/// What a kernel with a tiled product is, as far as its speed hangs on it: the
/// machine, the product's sizes and index maps, and what runs with it. Sizes
/// that are known only when a program runs count as `estimate` says.
std::string kernelKey(const Op &kernel, const Function &function,
                      const Machine &machine);

/// The sizes that the function's author expects.
AttrDict expectedSizes(const Function &function);

} // namespace nnc

#endif // NNC_IR_KERNELS_TUNING_H
