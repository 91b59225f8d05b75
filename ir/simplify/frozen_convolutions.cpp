//===- Makes one of several convolutions with frozen weights --------------===//
#include "ir/conv_rules.h"
#include "ir/op_def.h"
#include "ir/simplify/compute.h"
#include "ir/simplify/frozen.h"
#include "ir/simplify/rules.h"

#include <algorithm>

namespace nnc::simplify {

/// Whether it is 1x1, of any stride.
static bool isPointwise(const Op &conv) {
  const Type &w = conv.operand(1)->type();
  for (int64_t axis = 2; axis < w.rank(); ++axis)
    if (!w.dim(axis).isConstant(1))
      return false;
  return !rules::ConvShape(conv, conv.operand(0)->type(), w).isPadded() &&
         conv.attr("groups").asDim().isConstant(1);
}

std::optional<ConvPair> pairOf(const Op &outer, const Op &inner) {
  std::vector<int64_t> strides = outer.attr("strides").asInts();
  std::vector<int64_t> first = inner.attr("strides").asInts();
  bool after = isPointwise(outer);
  bool before =
      isPointwise(inner) && std::ranges::count(first, 1) == std::ssize(first);
  const Op &larger = after ? inner : outer;
  if ((!after && !before) || !larger.attr("groups").asDim().isConstant(1))
    return std::nullopt;
  const Type &w = larger.operand(1)->type();
  const Type &outerW = outer.operand(1)->type();
  const Type &innerW = inner.operand(1)->type();
  // Of the first, only the places that the second reads are computed.
  for (size_t axis = 0; axis < strides.size(); ++axis)
    strides[axis] *= first[axis];
  ConvPair pair{after, w.shape(), strides, {}, {}, {}};
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
  AttrDict attrs = larger.attrs;
  attrs.set("strides", Attr::ints(pair->strides));
  return merged && r.replace(op, r.op("conv", {inner->x(), merged}, attrs));
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

static Op *convOf(const Value *image, const Value *value) {
  auto layer = layerOf(value->definingOp());
  bool isConv = layer && layer->isConv() && layer->x() == image;
  return isConv && isUsedOnce(value) ? layer->op : nullptr;
}

/// What is shifted by a constant, and is used for nothing else.
static Value *withoutBias(Value *value) {
  Op *op = value->definingOp();
  bool isShifted = op && op->is("add") && isByConstant(*op);
  return isShifted && isUsedOnce(value) ? op->operand(0) : value;
}

/// Whether a value is the image, or the image scaled.
static bool isScaledImage(const Value *value, const Value *image) {
  const Op *op = value->definingOp();
  return value == image || (op && op->is("mul") && isByConstant(*op) &&
                            op->operand(0) == image && isUsedOnce(value));
}

/// Whether both are convolutions of one image, or one is the image itself.
static bool areBranches(const Value *a, const Value *b) {
  auto layer = layerOf(a->definingOp());
  return layer && convOf(layer->x(), a) &&
         (convOf(layer->x(), b) || isScaledImage(b, layer->x()));
}

/// (conv x + b) + y = (conv x + y) + b, so that a bias does not stand between
/// branches that may become one: y is x, maybe scaled, or another convolution
/// of it. So is (x * c + b) + conv x.
static bool biasOfBranch(Op &op, Rewriter &r) {
  for (int64_t i : {0, 1}) {
    Value *value = withoutBias(op.operand(i)), *other = op.operand(1 - i);
    Value *otherValue = withoutBias(other);
    if (value == op.operand(i) ||
        !(areBranches(value, otherValue) || areBranches(otherValue, value)))
      continue;
    Value *bias = op.operand(i)->definingOp()->operand(1);
    Value *branches = r.op("add", {value, other});
    return r.replace(op, r.op("add", {branches, bias}));
  }
  return false;
}

/// Whether a value is a sum that has a convolution of the image in it.
static bool hasConvOf(const Value *image, const Value *value) {
  constexpr int mostOps = 64;
  std::vector<const Value *> found = {value};
  for (size_t i = 0; i < found.size() && i < mostOps; ++i) {
    if (convOf(image, found[i]))
      return true;
    const Op *op = found[i]->definingOp();
    if (!op || !isUsedOnce(found[i]))
      continue;
    if (isByConstant(*op))
      found.push_back(op->operand(0));
    else if (op->is("add"))
      found.insert(found.end(), {op->operand(0), op->operand(1)});
  }
  return false;
}

bool joinsConvOfImage(const Op &op) {
  const Value *image = op.operand(0), *last = op.result();
  while (image->definingOp() && isByConstant(*image->definingOp()) &&
         isUsedOnce(image))
    image = image->definingOp()->operand(0);
  while (isUsedOnce(last) && isByConstant(*last->uses()[0].op))
    last = last->uses()[0].op->result();
  if (!isUsedOnce(last) || !last->uses()[0].op->is("add"))
    return false;
  const Value::Use &use = last->uses()[0];
  return hasConvOf(image, use.op->operand(1 - use.operand));
}

/// The weights of a convolution that is the identity: with 1 where input and
/// output channel are one, in the middle of the kernel.
static Value *identityLike(const Layer &layer, Rewriter &r) {
  const Type &w = layer.w()->type();
  rules::ConvShape shape(*layer.op, layer.x()->type(), w);
  Extents extents;
  for (const Dim &dim : w.shape())
    extents.push_back(dim.value());
  Tensor one(w.elem(), extents);
  for (int64_t channel = 0; channel < extents[0]; ++channel) {
    Extents place = {channel, channel};
    place.insert(place.end(), shape.low.begin(), shape.low.end());
    one.at(place) = 1;
  }
  return r.op("constant", {}, {{"value", constantValue(one)}}, {w});
}

/// conv x + x, whose channels are in no groups, at each place of the image.
static bool isConvAlike(const Op &conv) {
  auto isOne = [](int64_t each) { return each == 1; };
  return conv.attr("groups").asDim().isConstant(1) &&
         std::ranges::all_of(conv.attr("strides").asInts(), isOne) &&
         std::ranges::all_of(conv.attr("dilations").asInts(), isOne);
}

/// What an image is multiplied by, for each channel.
static std::optional<Spread> scaleOf(Value *scaled, const Value *image,
                                     Rewriter &r) {
  if (scaled == image)
    return Spread{r.constant(1, image->type().withShape({})), {}};
  auto scale = spreadOf(scaled->definingOp()->operand(1), r);
  bool isOfChannels =
      scale && (scale->axes.empty() || scale->axes == std::vector<int64_t>{1});
  return isOfChannels ? scale : std::nullopt;
}

/// conv x + x * c: the identity is a convolution too.
static bool convAndIdentity(Op &op, Rewriter &r) {
  for (int64_t i : {0, 1}) {
    Value *image = op.operand(1 - i);
    auto layer = layerOf(op.operand(i)->definingOp());
    if (!layer || !convOf(layer->x(), op.operand(i)) ||
        !isScaledImage(image, layer->x()) || !isConvAlike(*layer->op))
      continue;
    auto scale = scaleOf(image, layer->x(), r);
    if (!scale)
      continue;
    std::vector<int64_t> axes(scale->axes.size(), 0);
    Value *sum = computeFrozen(
        r, {layer->w(), identityLike(*layer, r), scale->constant},
        [&](Builder &b, std::span<Value *const> values) {
          Value *scales =
              b.op("broadcast", {values[2]}, {{"axes", Attr::ints(axes)}},
                   {values[0]->type()});
          return b.op("add", {values[0], b.op("mul", {values[1], scales})});
        });
    return sum && r.replace(op, remade(r, *layer, layer->x(), sum));
  }
  return false;
}

// clang-format off
static const RewriteRule rules[] = {
    {"frozen-conv-of-conv", "conv", "a 1x1 convolution and the one beside it become one", convOfConv},
    {"frozen-sum-of-convs", "add", "convolutions of one image that are summed become one", sumOfConvs},
    {"frozen-bias-of-branch", "add", "(conv x + b) + y = (conv x + y) + b, if y is x, maybe scaled, or another convolution of it", biasOfBranch},
    {"frozen-conv-and-identity", "add", "a convolution and the image, maybe scaled, that is added to it become one", convAndIdentity},
};
// clang-format on

const std::span<const RewriteRule> frozenConvolutionRules = rules;

} // namespace nnc::simplify
