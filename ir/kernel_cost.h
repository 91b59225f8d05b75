//===- ir/kernel_cost.h - What each kernel of a function takes ------------===//
#ifndef NNC_IR_KERNEL_COST_H
#define NNC_IR_KERNEL_COST_H

#include "ir/cost.h"
#include "ir/pass.h"

namespace nnc {

/// A kernel; or a loop, which stands before the kernels of its body and takes
/// nothing itself.
struct KernelCost {
  const Op *op = nullptr; ///< As long as the function is in kernels.
  bool isLoop = false;
  /// The rows of the layers that it computes, whole or in part, in order.
  std::vector<int64_t> layers;
  /// Those of which only the places are left from which it reads, or to which
  /// it writes: a transposition, a slice.
  std::vector<int64_t> indexed;
  Type result;       ///< Its last one.
  Dim times = 1;     ///< How often a loop runs it.
  int64_t depth = 0; ///< How many loops it is in.
  Dim multiplyAdds;  ///< In all those times.
  Dim bytes;         ///< What it reads and writes in memory, likewise.
  /// What it takes, as in LayerCost: kernels before it, or inputs.
  std::vector<int64_t> inputs;
};

/// What became of the layers of `function`, which are in `table`, after
/// `compile` has taken `copy`, a copy of it, as far as kernels; nothing if that
/// fails.
std::optional<std::vector<KernelCost>>
kernelCostsOf(const Function &function, Function &copy, const LayerTable &table,
              const std::function<bool(Function &)> &compile);

} // namespace nnc

#endif // NNC_IR_KERNEL_COST_H
