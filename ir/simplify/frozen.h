//===- ir/simplify/frozen.h - Layers with frozen weights ------------------===//
//
// Weights that the program was compiled with are constants, so that a scale, a
// shift or another linear layer beside them need not be computed at run time.
// Sums and products are put in another order so, which only weights that are
// marked as frozen allow.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_SIMPLIFY_FROZEN_H
#define NNC_IR_SIMPLIFY_FROZEN_H

#include "ir/rewriter.h"

namespace nnc::simplify {

/// A convolution, the transpose of one, or a product with frozen weights.
struct Layer {
  Op *op;
  int64_t input, weights; ///< Which operands they are.

  Value *x() const { return op->operand(input); }
  Value *w() const { return op->operand(weights); }
  bool isConv() const { return op->is("conv"); }
  /// Of a product: the names of an operand's axes.
  Shape indices(int64_t operand) const {
    return op->attr(operand ? "right" : "left").asDims();
  }
};

/// What an op is, if it is such a layer. `op` may be null.
std::optional<Layer> layerOf(Op *op);
/// The layer with other operands.
Value *remade(Rewriter &r, const Layer &layer, Value *x, Value *w);

using Axes = std::vector<int64_t>;
/// A value along some axes of a tensor, repeated along the others.
Value *broadcast(Builder &b, Value *value, const Axes &axes, const Type &type);

/// A frozen constant that is repeated so.
struct Spread {
  Value *constant;
  Axes axes;
};
std::optional<Spread> spreadOf(Value *value, Rewriter &r);
/// It as a tensor of the type.
Value *spread(Rewriter &r, const Spread &from, const Type &type);
/// Whether an op adds, subtracts, multiplies or divides by such a constant.
bool isByConstant(const Op &op);
/// Whether an op scales or shifts an image that is then added to a convolution
/// of it, such as the batch norm of a branch that is the image itself.
bool joinsConvOfImage(const Op &op);

/// Two convolutions in a row, one of them 1x1, and what they would be as one.
struct ConvPair {
  bool isPointwiseAfter; ///< Which of them is 1x1.
  Shape weights;         ///< Of the one.
  std::vector<int64_t> strides;
  Dim apart, together, merge; ///< Products of two, of one, and to make it.
};
/// Nothing if they could not be one, whatever they cost.
std::optional<ConvPair> pairOf(const Op &outer, const Op &inner);

/// Convolutions of one image that are added up: the smaller kernel with zeros
/// around it has the place of the larger.
struct ConvSum {
  std::string_view whyNot = ""; ///< Why they cannot be one, if so.
  bool isSecondLarger = false;
  Shape low = {}, high = {}; ///< The zeros.
};
ConvSum sumOf(const Op &a, const Op &b);

inline bool isUsedOnce(const Value *value) { return value->uses().size() == 1; }

} // namespace nnc::simplify

#endif // NNC_IR_SIMPLIFY_FROZEN_H
