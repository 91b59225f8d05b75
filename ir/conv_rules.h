//===- ir/conv_rules.h - What the three convolution ops share -------------===//
//
// With g the group of an output channel, and zero outside of x:
//
//   y[b, o, p, q] = sum over r, s, c of
//       x[b, g*(C/G) + c, p*stride + r*dilation - low, ...] * w[o, c, r, s]
//
// The three are one relation between x, w and y, summed over different axes:
// conv(x, w) gives y, conv_input_grad(y, w) gives x, conv_weight_grad(x, y)
// gives w. So each is linear in its operands, and differentiates to the others.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_CONV_RULES_H
#define NNC_IR_CONV_RULES_H

#include "ir/op_rules.h"

namespace nnc::rules {

struct ConvShape {
  ConvShape(const Op &op, const Type &x, const Type &w);

  const Type x, w;
  std::vector<int64_t> strides, low, high, dilations;
  Dim groups;
  int64_t spatialAxes() const { return x.rank() - 2; }
  bool isPadded() const;

  /// The type of y, or what does not fit.
  Inference result() const;
};

/// The shape rule of a gradient, by x or else by w: its type must be stated,
/// and y must have the type that follows from those of x and w.
Inference convGradient(const Op &op, std::span<const Type> stated,
                       bool byInput);

/// Of any of the three, with what is padded: for each element of y one for each
/// weight of its channel.
Dim multiplyAdds(const Type &w, const Type &y);

/// The axes and the maps of a nest over the relation. An axis of extent 1 is
/// left out: its index is 0.
struct ConvNest {
  explicit ConvNest(const ConvShape &shape);

  using Axes = std::vector<NestAxis>;
  Axes batch, group, out, in; ///< `out` and `in` count within a group.
  Axes place;                 ///< In y.
  Axes kernel;
  Shape x, w, y;
  std::optional<double> fill; ///< For x, if it is padded.
};

/// The names of the axes of y and of the kernel.
inline constexpr const char *placeNames[] = {"y", "x", "z"};
inline constexpr const char *kernelNames[] = {"r", "s", "t"};

/// Adds an axis and gives its index, unless it has but one place.
Dim addAxis(ConvNest::Axes &axes, const char *name, const Dim &extent);
/// The lists one after the other.
ConvNest::Axes joined(std::initializer_list<ConvNest::Axes> lists);

/// One nest that multiplies `a` and `b` and sums over `reduce`.
void lowerConv(LoweringContext &c, ConvNest::Axes parallel,
               ConvNest::Axes reduce, NestOperand a, NestOperand b,
               NestResult result);

/// Calls `visit` with the places in x, w and y of each product that is
/// not with padding.
void forEachProduct(
    EvaluationContext &c, const ConvShape &shape, const Tensor &x,
    const Tensor &w, const Tensor &y,
    const std::function<void(int64_t, int64_t, int64_t)> &visit);

inline constexpr AttrSpec convAttrs[] = {
    {"strides", AttrForm::Ints, true, "For each spatial axis, 1 or more."},
    {"padding_low", AttrForm::Ints, true,
     "How many zeros stand before each spatial axis of x."},
    {"padding_high", AttrForm::Ints, true,
     "How many zeros stand behind each spatial axis of x."},
    {"dilations", AttrForm::Ints, true,
     "The distance of the elements of x that one window reads."},
    {"groups", AttrForm::Dim, true,
     "Into how many groups the channels fall; each output channel sees the "
     "input channels of its group."}};

} // namespace nnc::rules

#endif // NNC_IR_CONV_RULES_H
