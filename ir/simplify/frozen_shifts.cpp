//===- Takes shifts through layers with frozen weights --------------------===//
#include "ir/conv_rules.h"
#include "ir/simplify/compute.h"
#include "ir/simplify/frozen.h"
#include "ir/simplify/rules.h"

#include <algorithm>

namespace nnc::simplify {

static bool isPadded(const Op &conv) {
  return rules::ConvShape(conv, conv.operand(0)->type(),
                          conv.operand(1)->type())
      .isPadded();
}

/// The spread constant along more axes of the tensor; nothing if one is no
/// constant size.
static std::optional<Spread> widened(Rewriter &r, const Spread &from,
                                     const Axes &more, const Type &tensor) {
  Axes axes, place;
  Shape shape;
  for (int64_t axis = 0; axis < tensor.rank(); ++axis) {
    bool isOwn = std::count(from.axes.begin(), from.axes.end(), axis);
    if (!isOwn && !std::count(more.begin(), more.end(), axis))
      continue;
    if (!tensor.dim(axis).isConstant())
      return std::nullopt;
    if (isOwn)
      place.push_back(static_cast<int64_t>(axes.size()));
    axes.push_back(axis);
    shape.push_back(tensor.dim(axis));
  }
  if (axes == from.axes)
    return from;
  Value *made = computeFrozen(
      r, {from.constant}, [&](Builder &b, std::span<Value *const> values) {
        return broadcast(b, values[0], place, tensor.withShape(shape));
      });
  return made ? std::optional(Spread{made, axes}) : std::nullopt;
}

/// What a convolution makes of a shift of its image: a spread constant. Padding
/// is not shifted.
static std::optional<Spread> convOfSpread(Rewriter &r, const Layer &layer,
                                          const Spread &shift) {
  auto a = widened(r, shift, {1}, layer.x()->type());
  if (!a || isPadded(*layer.op) || a->axes != Axes{1} ||
      !layer.op->attr("groups").asDim().isConstant(1))
    return std::nullopt;
  Value *made = computeFrozen(
      r, {layer.w(), a->constant},
      [&](Builder &b, std::span<Value *const> values) {
        Value *shift = broadcast(b, values[1], {1}, values[0]->type());
        Axes summed;
        for (int64_t axis = 1; axis < values[0]->type().rank(); ++axis)
          summed.push_back(axis);
        return b.op("sum", {b.op("mul", {values[0], shift})},
                    {{"axes", Attr::ints(summed)}});
      });
  return made ? std::optional(Spread{made, {1}}) : std::nullopt;
}

static std::optional<Spread> productOfSpread(Rewriter &r, const Layer &layer,
                                             const Spread &shift) {
  Shape names = layer.indices(layer.input), own;
  Shape weights = layer.indices(layer.weights);
  Shape result = layer.op->attr("result").asDims(), kept;
  auto holds = [](const Shape &list, const Dim &name) {
    return std::ranges::find(list, name) != list.end();
  };
  Axes axes, summed;
  for (size_t axis = 0; axis < names.size(); ++axis)
    if (!holds(result, names[axis]))
      summed.push_back(static_cast<int64_t>(axis));
  auto a = widened(r, shift, summed, layer.x()->type());
  if (!a)
    return std::nullopt;
  for (int64_t axis : a->axes)
    own.push_back(names[axis]);
  for (size_t axis = 0; axis < result.size(); ++axis)
    if (holds(own, result[axis]) || holds(weights, result[axis])) {
      kept.push_back(result[axis]);
      axes.push_back(static_cast<int64_t>(axis));
    }
  Value *made = computeFrozen(
      r, {a->constant, layer.w()},
      [&](Builder &b, std::span<Value *const> values) {
        return b.op("contract", {values[0], values[1]},
                    {{"left", own}, {"right", weights}, {"result", kept}});
      });
  return made ? std::optional(Spread{made, axes}) : std::nullopt;
}

/// (x + a) w = x w + a w
static bool layerOfShift(Op &op, Rewriter &r) {
  auto layer = layerOf(&op);
  Op *shift = layer ? operandOp(op, layer->input, "add") : nullptr;
  if (!shift || !isUsedOnce(shift->result()))
    return false;
  auto a = spreadOf(shift->operand(1), r);
  if (!a)
    return false;
  auto after = layer->isConv() ? convOfSpread(r, *layer, *a)
                               : productOfSpread(r, *layer, *a);
  if (!after)
    return false;
  Value *product = remade(r, *layer, shift->operand(0), layer->w());
  return r.replace(
      op, r.op("add", {product, spread(r, *after, op.result()->type())}));
}

// Not through a transposed convolution: its places differ in how many windows
// reach them.
// clang-format off
static const RewriteRule rules[] = {
    {"frozen-shift-before-conv", "conv", "a shift goes through the convolution after it", layerOfShift},
    {"frozen-shift-before-product", "contract", "a shift goes through the layer after it", layerOfShift},
};
// clang-format on

const std::span<const RewriteRule> frozenShiftRules = rules;

} // namespace nnc::simplify
