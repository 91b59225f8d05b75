//===- ir/simplify/compute.h - Computes ops of constants ------------------===//
#ifndef NNC_IR_SIMPLIFY_COMPUTE_H
#define NNC_IR_SIMPLIFY_COMPUTE_H

#include "ir/rewriter.h"
#include "ir/tensor.h"

#include <functional>
#include <optional>

namespace nnc::simplify {

/// What a function without arguments returns, as the program would hold it;
/// nothing if it stops, or if a value does not fit its type.
std::optional<Tensor> computed(const Function &function);

/// What `value` holds as the program does: an f32 is rounded.
std::optional<double> rounded(Elem elem, double value);

/// The attribute of a constant with these elements: one number if they are all
/// the same bits. Requires an element.
Attr constantValue(const Tensor &tensor);

/// Whether nnc itself adds up so many products: the interpreter does some fifty
/// millions in a second.
inline bool areFewProducts(const Dim &count) {
  return count.isConstant() && count.value() <= 1 << 26;
}

/// A frozen constant of what `make` makes of frozen constants; null if it
/// cannot be computed, or if an element of it is not finite.
Value *computeFrozen(
    Rewriter &r, std::initializer_list<Value *> constants,
    const std::function<Value *(Builder &, std::span<Value *const>)> &make);

} // namespace nnc::simplify

#endif // NNC_IR_SIMPLIFY_COMPUTE_H
