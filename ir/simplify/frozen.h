//===- ir/simplify/frozen.h - Layers with frozen weights ------------------===//
#ifndef NNC_IR_SIMPLIFY_FROZEN_H
#define NNC_IR_SIMPLIFY_FROZEN_H

#include "ir/rewriter.h"

namespace nnc::simplify {

/// A convolution or a product with frozen weights.
struct Layer {
  Op *op;
  int64_t input, weights; ///< Which operands they are.

  Value *x() const { return op->operand(input); }
  Value *w() const { return op->operand(weights); }
  bool isConv() const { return op->is("conv"); }
};

/// What an op is, if it is such a layer. `op` may be null.
std::optional<Layer> layerOf(Op *op);
/// The layer with other operands.
Value *remade(Rewriter &r, const Layer &layer, Value *x, Value *w);

inline bool isUsedOnce(const Value *value) { return value->uses().size() == 1; }

} // namespace nnc::simplify

#endif // NNC_IR_SIMPLIFY_FROZEN_H
