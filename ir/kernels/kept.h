//===- ir/kernels/kept.h - What a function keeps from run to run ----------===//
#ifndef NNC_IR_KERNELS_KEPT_H
#define NNC_IR_KERNELS_KEPT_H

#include "ir/kernels/nest.h"
#include "ir/kernels/tensor_ref.h"

#include <functional>

namespace nnc {

// Note [What hangs on weights alone]
// A net is run many times with the same weights. What hangs on them alone, such
// as the transformed weights of a convolution (Note [Winograd]) or the panels
// of a product, is computed in the first run and stays in temporaries that
// nobody else uses: what computes it stands first, in a loop of one turn in
// that run and of none in others. `weights.runs` says which run it is: the
// runtime sets it to how often the function has run in the same memory since
// weights may have changed, or to 2. So no run but the first pays for it, as if
// the weights were frozen.
//
// With few rows packing takes longer than the product, and a program that
// predicts once would do it in vain: the first run reads weights where they
// are, and the second one packs. From then on they are read in the order in
// which they lie: an LSTM's of [256, 1024], for one example, take 0.4 of the
// time so.
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

/// Whether a kernel's product packs its B in the first runs and keeps it.
bool keepsB(const Op &kernel, const Nest &product, const Function &function);

} // namespace nnc

#endif // NNC_IR_KERNELS_KEPT_H
