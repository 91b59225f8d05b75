//===- Makes one of several convolutions with frozen weights --------------===//
#include "ir/conv_rules.h"
#include "ir/op_def.h"
#include "ir/simplify/compute.h"
#include "ir/simplify/frozen.h"
#include "ir/simplify/rules.h"

#include <algorithm>

namespace nnc::simplify {

static bool isPointwise(const Op &conv) {
  const Type &w = conv.operand(1)->type();
  for (int64_t axis = 2; axis < w.rank(); ++axis)
    if (!w.dim(axis).isConstant(1))
      return false;
  for (int64_t stride : conv.attr("strides").asInts())
    if (stride != 1)
      return false;
  return !rules::ConvShape(conv, conv.operand(0)->type(), w).isPadded() &&
         conv.attr("groups").asDim().isConstant(1);
}

std::optional<ConvPair> pairOf(const Op &outer, const Op &inner) {
  bool after = isPointwise(outer), before = isPointwise(inner);
  const Op &larger = after ? inner : outer;
  if ((!after && !before) || !larger.attr("groups").asDim().isConstant(1))
    return std::nullopt;
  const Type &w = larger.operand(1)->type();
  const Type &outerW = outer.operand(1)->type();
  const Type &innerW = inner.operand(1)->type();
  ConvPair pair{after, w.shape(), {}, {}, {}};
  pair.weights[0] = outerW.dim(0);
  pair.weights[1] = innerW.dim(1);
  const Type &y = outer.result()->type();
  pair.together = rules::multiplyAdds(w.withShape(pair.weights), y);
  pair.apart = rules::multiplyAdds(outerW, y) +
               rules::multiplyAdds(innerW, inner.result()->type());
  pair.merge = elementCount(pair.weights) * innerW.dim(0);
  return pair;
}

/// Two convolutions in a row, one of them 1x1, as one, if that takes fewer
/// products: the notes' bottleneck takes more, and stays.
static bool convOfConv(Op &op, Rewriter &r) {
  auto outer = layerOf(&op);
  auto inner = layerOf(op.operand(0)->definingOp());
  if (!outer || !inner || !inner->isConv() || !isUsedOnce(outer->x()))
    return false;
  auto pair = pairOf(op, *inner->op);
  if (!pair || !(pair->apart - pair->together).isKnownNonNegative() ||
      !areFewProducts(pair->merge))
    return false;
  bool after = pair->isPointwiseAfter;
  const Op &larger = after ? *inner->op : op;
  // The weights of the 1x1 are a matrix.
  Shape kernel;
  for (int64_t axis = 2; axis < larger.operand(1)->type().rank(); ++axis)
    kernel.push_back(Dim::symbol(rules::kernelNames[axis - 2]));
  auto list = [&](const char *out, const char *in, bool withKernel) {
    Shape names = {Dim::symbol(out), Dim::symbol(in)};
    if (withKernel)
      names.insert(names.end(), kernel.begin(), kernel.end());
    return Attr(names);
  };
  Value *merged = computeFrozen(
      r, {outer->w(), inner->w()},
      [&](Builder &b, std::span<Value *const> values) {
        Value *matrices[] = {values[0], values[1]};
        Value *&small = matrices[after ? 0 : 1];
        small = b.op("reshape", {small}, {},
                     {small->type().withShape(
                         {small->type().dim(0), small->type().dim(1)})});
        return b.op("contract", {matrices[0], matrices[1]},
                    {{"left", list("o", "m", !after)},
                     {"right", list("m", "i", after)},
                     {"result", list("o", "i", true)}});
      });
  return merged &&
         r.replace(op, r.op("conv", {inner->x(), merged}, larger.attrs));
}

static int64_t kernelOf(const Op &conv, int64_t axis) {
  return conv.operand(1)->type().dim(axis + 2).value();
}

ConvSum sumOf(const Op &first, const Op &second) {
  for (const char *same : {"strides", "groups"})
    if (!(first.attr(same) == second.attr(same)))
      return {.whyNot = "their strides or groups differ"};
  bool isSecondLarger = kernelOf(first, 0) < kernelOf(second, 0);
  const Op &a = isSecondLarger ? second : first;
  const Op &b = isSecondLarger ? first : second;
  auto shapeOf = [](const Op &conv) {
    return rules::ConvShape(conv, conv.operand(0)->type(),
                            conv.operand(1)->type());
  };
  rules::ConvShape large = shapeOf(a), small = shapeOf(b);
  ConvSum sum{"", isSecondLarger, Shape(2, 0), Shape(2, 0)};
  for (int64_t axis = 0; axis < large.spatialAxes(); ++axis) {
    int64_t before = large.low[axis] - small.low[axis];
    int64_t behind = kernelOf(a, axis) - kernelOf(b, axis) - before;
    bool isSingle = kernelOf(b, axis) == 1;
    if (before < 0 || behind < 0 || large.dilations[axis] != 1 ||
        (!isSingle && small.dilations[axis] != 1))
      return {.whyNot = "the window of one does not lie in the other's"};
    sum.low.push_back(before);
    sum.high.push_back(behind);
  }
  return sum;
}

static bool sumOfConvs(Op &op, Rewriter &r) {
  auto a = layerOf(op.operand(0)->definingOp());
  auto b = layerOf(op.operand(1)->definingOp());
  if (!a || !b || !a->isConv() || !b->isConv() || a->x() != b->x() ||
      !isUsedOnce(op.operand(0)) || !isUsedOnce(op.operand(1)))
    return false;
  ConvSum sum = sumOf(*a->op, *b->op);
  if (!sum.whyNot.empty())
    return false;
  if (sum.isSecondLarger)
    std::swap(a, b);
  Value *w = computeFrozen(
      r, {a->w(), b->w()},
      [&](Builder &builder, std::span<Value *const> values) {
        Value *padded =
            builder.op("pad", {values[1]},
                       {{"low", sum.low}, {"high", sum.high}, {"value", 0.0}});
        return builder.op("add", {values[0], padded});
      });
  return w && r.replace(op, remade(r, *a, a->x(), w));
}

/// The convolution of a sum `conv + bias` that is used for nothing else, or of
/// the convolution alone.
static std::optional<Layer> biasedConv(const Value *value) {
  if (!isUsedOnce(value))
    return std::nullopt;
  Op *made = value->definingOp();
  if (made && made->is("add")) {
    const Op *bias = made->operand(1)->definingOp();
    bool isBias = bias && (bias->is("broadcast") ? isFrozen(bias->operand(0))
                                                 : isFrozen(bias->result()) &&
                                                       splatOf(bias->result()));
    if (!isBias || !isUsedOnce(made->operand(0)))
      return std::nullopt;
    made = made->operand(0)->definingOp();
  }
  auto layer = layerOf(made);
  return layer && layer->isConv() ? layer : std::nullopt;
}

/// (conv x + b) + y = (conv x + y) + b, so that the bias does not stand between
/// branches that may become one: y is x, or another convolution of it.
static bool biasOfBranch(Op &op, Rewriter &r) {
  for (int64_t i : {0, 1}) {
    Op *sum = operandOp(op, i, "add");
    auto layer = sum ? biasedConv(op.operand(i)) : std::nullopt;
    if (!layer)
      continue;
    Value *other = op.operand(1 - i);
    auto branch = biasedConv(other);
    if (other != layer->x() && !(branch && branch->x() == layer->x()))
      continue;
    Value *branches = r.op("add", {sum->operand(0), other});
    return r.replace(op, r.op("add", {branches, sum->operand(1)}));
  }
  return false;
}

/// The identity is a convolution too: with 1 where input and output channel
/// are one, in the middle of the kernel.
static bool convAndIdentity(Op &op, Rewriter &r) {
  for (int64_t i : {0, 1}) {
    auto layer = layerOf(op.operand(i)->definingOp());
    if (!layer || !layer->isConv() || layer->x() != op.operand(1 - i) ||
        !isUsedOnce(op.operand(i)) ||
        !layer->op->attr("groups").asDim().isConstant(1))
      continue;
    const Type &w = layer->w()->type();
    rules::ConvShape shape(*layer->op, layer->x()->type(), w);
    bool fits = true;
    for (int64_t axis = 0; axis < shape.spatialAxes(); ++axis)
      fits &= shape.strides[axis] == 1 && shape.dilations[axis] == 1;
    if (!fits)
      continue;
    Extents extents;
    for (const Dim &dim : w.shape())
      extents.push_back(dim.value());
    Tensor one(w.elem(), extents);
    for (int64_t channel = 0; channel < extents[0]; ++channel) {
      Extents place = {channel, channel};
      place.insert(place.end(), shape.low.begin(), shape.low.end());
      one.at(place) = 1;
    }
    Value *identity =
        r.op("constant", {}, {{"value", constantValue(one)}}, {w});
    Value *sum = computeFrozen(r, {layer->w(), identity},
                               [](Builder &b, std::span<Value *const> values) {
                                 return b.op("add", {values[0], values[1]});
                               });
    return sum && r.replace(op, remade(r, *layer, layer->x(), sum));
  }
  return false;
}

// clang-format off
static const RewriteRule rules[] = {
    {"frozen-conv-of-conv", "conv", "a 1x1 convolution and the one beside it become one", convOfConv},
    {"frozen-sum-of-convs", "add", "convolutions of one image that are summed become one", sumOfConvs},
    {"frozen-bias-of-branch", "add", "(conv x + b) + y = (conv x + y) + b, if y is x or another convolution of it", biasOfBranch},
    {"frozen-conv-and-identity", "add", "a convolution and the image that is added to it become one", convAndIdentity},
};
// clang-format on

const std::span<const RewriteRule> frozenConvolutionRules = rules;

} // namespace nnc::simplify
