//===- ir/kernels/kept.h - What a function keeps from run to run ----------===//
#ifndef NNC_IR_KERNELS_KEPT_H
#define NNC_IR_KERNELS_KEPT_H

#include "ir/kernels/tensor_ref.h"

#include <functional>

namespace nnc {

// Note [What hangs on weights alone]
// A net is run many times with the same weights. What hangs on them alone, such
// as the transformed weights of a convolution (Note [Winograd]) or the panels
// of a product, is computed in the first run and stays in temporaries that
// nobody else uses: what computes it stands first, in a loop to
// `weights.fresh`, which the runtime sets to 1 where weights may have changed
// since the last run in the same memory, and else to 0. So no run but the first
// pays for it, as if the weights were frozen.
//
// A step of training changes the weights in each run: it keeps nothing.

struct Kept {
  Block &body; ///< Of the function.
  /// Of the memory that `ref` is in.
  std::function<bool(const TensorRef &ref)> isOfWeights;
  /// Memory that stays.
  std::function<Value *(const Type &type)> memory;
};

/// Whether a function may run again with the weights as they are: it gives them
/// no new values, and nothing for somebody to change them by.
bool leavesWeights(const Function &function);

/// Whether a value is weights, or in the body of a loop of the function each
/// turn's part of weights: then what hangs on it alone can be kept.
bool isOfKeptWeights(const Value *value, const Function &function);

} // namespace nnc

#endif // NNC_IR_KERNELS_KEPT_H
