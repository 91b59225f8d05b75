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

/// Two convolutions in a row, one of them 1x1, as one, if that takes fewer
/// products: the notes' bottleneck takes more, and stays.
static bool convOfConv(Op &op, Rewriter &r) {
  auto outer = layerOf(&op);
  auto inner = layerOf(op.operand(0)->definingOp());
  if (!outer || !inner || !inner->isConv() || !isUsedOnce(outer->x()))
    return false;
  bool after = isPointwise(op), before = isPointwise(*inner->op);
  const Op &larger = after ? *inner->op : op;
  if ((!after && !before) || !larger.attr("groups").asDim().isConstant(1))
    return false;
  const Type &w = larger.operand(1)->type();
  Shape shape = w.shape();
  shape[0] = outer->w()->type().dim(0);
  shape[1] = inner->w()->type().dim(1);
  Dim together = rules::multiplyAdds(w.withShape(shape), op.result()->type());
  Dim apart =
      rules::multiplyAdds(outer->w()->type(), op.result()->type()) +
      rules::multiplyAdds(inner->w()->type(), inner->op->result()->type());
  Dim toMerge = elementCount(shape) * inner->w()->type().dim(0);
  if (!(apart - together).isKnownNonNegative() || !areFewProducts(toMerge))
    return false;
  // The weights of the 1x1 are a matrix.
  Shape kernel;
  for (int64_t axis = 2; axis < w.rank(); ++axis)
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

/// Convolutions of one image that are added up are one convolution: a smaller
/// kernel is the larger one with zeros around it.
static bool sumOfConvs(Op &op, Rewriter &r) {
  auto a = layerOf(op.operand(0)->definingOp());
  auto b = layerOf(op.operand(1)->definingOp());
  if (!a || !b || !a->isConv() || !b->isConv() || a->x() != b->x() ||
      !isUsedOnce(op.operand(0)) || !isUsedOnce(op.operand(1)))
    return false;
  for (const char *same : {"strides", "groups"})
    if (!(a->op->attr(same) == b->op->attr(same)))
      return false;
  auto kernelOf = [](const Layer &layer, int64_t axis) {
    return layer.w()->type().dim(axis + 2).value();
  };
  if (kernelOf(*a, 0) < kernelOf(*b, 0))
    std::swap(a, b);
  rules::ConvShape large(*a->op, a->x()->type(), a->w()->type());
  rules::ConvShape small(*b->op, b->x()->type(), b->w()->type());
  Shape low(2, 0), high(2, 0);
  for (int64_t axis = 0; axis < large.spatialAxes(); ++axis) {
    int64_t before = large.low[axis] - small.low[axis];
    int64_t behind = kernelOf(*a, axis) - kernelOf(*b, axis) - before;
    bool isSingle = kernelOf(*b, axis) == 1;
    if (before < 0 || behind < 0 || large.dilations[axis] != 1 ||
        (!isSingle && small.dilations[axis] != 1))
      return false;
    low.push_back(before);
    high.push_back(behind);
  }
  Value *w = computeFrozen(
      r, {a->w(), b->w()},
      [&](Builder &builder, std::span<Value *const> values) {
        Value *padded = builder.op(
            "pad", {values[1]}, {{"low", low}, {"high", high}, {"value", 0.0}});
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
