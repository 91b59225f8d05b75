//===- Puts scales into the frozen weights of the layers beside them ------===//
#include "ir/simplify/compute.h"
#include "ir/simplify/frozen.h"
#include "ir/simplify/rules.h"

#include <algorithm>

namespace nnc::simplify {

/// The axes of the weights that lie along these of the layer's input (or
/// result), as each axis of a constant does; nothing if the weights lack one.
static std::optional<Axes> weightAxes(const Layer &layer, const Axes &axes,
                                      bool ofInput) {
  Axes found;
  if (!layer.op->is("contract")) {
    const Type &w = layer.w()->type();
    Dim groups = layer.op->attr("groups").asDim();
    // Of a convolution of each channel by itself, input and output channel are
    // one.
    bool isDepthwise = w.dim(1).isConstant(1) && w.dim(0) == groups;
    // What a convolution reads, its transpose makes.
    bool alongInput = ofInput == layer.isConv();
    if (alongInput && !groups.isConstant(1) && !isDepthwise)
      return std::nullopt;
    for (int64_t axis : axes) {
      if (axis != 1)
        return std::nullopt;
      found.push_back(alongInput && !isDepthwise ? 1 : 0);
    }
    return found;
  }
  Shape names =
      ofInput ? layer.indices(layer.input) : layer.op->attr("result").asDims();
  Shape own = layer.indices(layer.weights);
  for (int64_t axis : axes) {
    auto place = std::find(own.begin(), own.end(), names[axis]);
    if (place == own.end())
      return std::nullopt;
    found.push_back(place - own.begin());
  }
  return found;
}

static Value *scaledWeights(Rewriter &r, const Layer &layer, const Spread &c,
                            bool ofInput) {
  auto axes = weightAxes(layer, c.axes, ofInput);
  // `broadcast` wants them in order.
  if (!axes || !std::is_sorted(axes->begin(), axes->end()))
    return nullptr;
  return computeFrozen(r, {layer.w(), c.constant},
                       [&](Builder &b, std::span<Value *const> values) {
                         Value *scale =
                             broadcast(b, values[1], *axes, values[0]->type());
                         return b.op("mul", {values[0], scale});
                       });
}

/// (x w) * c = x (w * c)
static bool scaleOfLayer(Op &op, Rewriter &r) {
  auto layer = layerOf(op.operand(0)->definingOp());
  auto c = spreadOf(op.operand(1), r);
  if (!layer || !c || !isUsedOnce(op.operand(0)))
    return false;
  Value *w = scaledWeights(r, *layer, *c, false);
  return w && r.replace(op, remade(r, *layer, layer->x(), w));
}

/// (x * c) w = x (c * w)
static bool layerOfScale(Op &op, Rewriter &r) {
  auto layer = layerOf(&op);
  Op *scale = layer ? operandOp(op, layer->input, "mul") : nullptr;
  if (!scale || !isUsedOnce(scale->result()))
    return false;
  auto c = spreadOf(scale->operand(1), r);
  Value *w = c ? scaledWeights(r, *layer, *c, true) : nullptr;
  return w && r.replace(op, remade(r, *layer, scale->operand(0), w));
}

// clang-format off
static const RewriteRule rules[] = {
    {"frozen-scale-of-layer", "mul", "a scale goes into the weights of the layer before it", scaleOfLayer},
    {"frozen-scale-before-conv", "conv", "a scale goes into the weights of the convolution after it", layerOfScale},
    {"frozen-scale-before-transpose", "conv_input_grad", "a scale goes into the weights of the transposed convolution after it", layerOfScale},
    {"frozen-scale-before-product", "contract", "a scale goes into the weights of the layer after it", layerOfScale},
};
// clang-format on

const std::span<const RewriteRule> frozenScaleRules = rules;

} // namespace nnc::simplify
