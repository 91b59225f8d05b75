//===- Folds what stands around layers with frozen weights into them ------===//
//
// Weights that the program was compiled with are constants, so that a scale, a
// shift or another linear layer beside them need not be computed at run time.
// Sums and products are put in another order here, which only weights that are
// marked as frozen allow.
//
//===----------------------------------------------------------------------===//
#include "ir/simplify/frozen.h"

#include "ir/conv_rules.h"
#include "ir/op_def.h"
#include "ir/simplify/compute.h"
#include "ir/simplify/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace nnc::simplify {

using Axes = std::vector<int64_t>;

std::optional<Spread> spreadOf(Value *value, Rewriter &r) {
  const Op *op = value->definingOp();
  if (op && op->is("broadcast") && isFrozen(op->operand(0)))
    return Spread{op->operand(0), op->attr("axes").asInts()};
  if (!isFrozen(value))
    return std::nullopt;
  if (!splatOf(value)) {
    Axes all(value->type().rank());
    std::iota(all.begin(), all.end(), 0);
    return Spread{value, all};
  }
  return Spread{
      r.op("constant", {}, op->attrs, {Type::scalar(value->type().elem())}),
      {}};
}

static Value *broadcast(Builder &b, Value *value, const Axes &axes,
                        const Type &type) {
  return b.op("broadcast", {value}, {{"axes", Attr::ints(axes)}}, {type});
}

/// The spread constant as a tensor of the type.
static Value *spread(Rewriter &r, const Spread &from, const Type &type) {
  if (from.constant->type() == type)
    return from.constant;
  return r.op("broadcast", {from.constant}, {{"axes", Attr::ints(from.axes)}},
              {type});
}

/// a . b, if both lie along the same axes, or one is a scalar.
static std::optional<Spread> combine(Rewriter &r, const char *name,
                                     const Spread &a, const Spread &b) {
  if (a.axes != b.axes && !a.axes.empty() && !b.axes.empty())
    return std::nullopt;
  const Spread &wide = a.axes.empty() ? b : a;
  Type type = wide.constant->type();
  Value *made = computeFrozen(
      r, {a.constant, b.constant},
      [&](Builder &builder, std::span<Value *const> values) {
        auto fitting = [&](Value *value) {
          return value->type() == type ? value
                                       : broadcast(builder, value, {}, type);
        };
        return builder.op(name, {fitting(values[0]), fitting(values[1])});
      });
  if (!made)
    return std::nullopt;
  return Spread{made, wide.axes};
}

bool isByConstant(const Op &op) {
  bool isOne = op.is("add") || op.is("sub") || op.is("mul") || op.is("div");
  const Op *made = isOne ? op.operand(1)->definingOp() : nullptr;
  return made && (isFrozen(made->result()) ||
                  (made->is("broadcast") && isFrozen(made->operand(0))));
}

/// Whether scales and shifts alone stand between a value and the layer before
/// it.
static bool comesFromLayer(const Value *value) {
  Op *op = value->definingOp();
  while (op && isByConstant(*op) && isUsedOnce(op->result()))
    op = op->operand(0)->definingOp();
  return layerOf(op).has_value();
}

/// The same of the layer after it.
static bool leadsToLayer(const Op &op) {
  const Op *last = &op;
  while (isUsedOnce(last->result())) {
    Op *user = last->result()->uses()[0].op;
    if (layerOf(user))
      return true;
    if (!isByConstant(*user))
      return false;
    last = user;
  }
  return false;
}

static bool isBesideLayer(const Op &op) {
  return comesFromLayer(op.operand(0)) || leadsToLayer(op) ||
         joinsConvOfImage(op);
}

/// Whether no element is below the least normal number: the inverse of a larger
/// one, or of one whose inverse is infinite.
static bool areNormal(const Value *constant) {
  bool isSingle = constant->type().elem() == Elem::F32;
  double least = isSingle ? std::numeric_limits<float>::min()
                          : std::numeric_limits<double>::min();
  auto isNormal = [&](double element) { return std::fabs(element) >= least; };
  const Attr &value = constant->definingOp()->attr("value");
  if (const double *splat = value.getIf<double>())
    return isNormal(*splat);
  const std::vector<double> &data = *value.get<DenseData>();
  return std::all_of(data.begin(), data.end(), isNormal);
}

/// x - c = x + (-c), x / c = x * (1 / c), beside a layer into which it may go.
static bool toSumOrProduct(Op &op, Rewriter &r) {
  auto c = spreadOf(op.operand(1), r);
  if (!c || !isBesideLayer(op))
    return false;
  bool isSum = op.is("sub");
  Value *turned = computeFrozen(
      r, {c->constant}, [&](Builder &b, std::span<Value *const> values) {
        if (isSum)
          return b.op("neg", {values[0]});
        return b.op("div", {b.constant(1, values[0]->type()), values[0]});
      });
  if (!turned || !(isSum || areNormal(turned)))
    return false;
  const Type &type = op.result()->type();
  return r.replace(op,
                   r.op(isSum ? "add" : "mul",
                        {op.operand(0), spread(r, {turned, c->axes}, type)}));
}

/// (x . a) . b = x . (a . b)
static bool joinSpreads(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, op.name());
  if (!inner || !isUsedOnce(inner->result()))
    return false;
  auto a = spreadOf(inner->operand(1), r), b = spreadOf(op.operand(1), r);
  auto both = a && b ? combine(r, op.name() == "add" ? "add" : "mul", *a, *b)
                     : std::nullopt;
  return both && r.replace(op, r.op(op.name(),
                                    {inner->operand(0),
                                     spread(r, *both, op.result()->type())}));
}

/// (x + a) * c = x * c + a * c
static bool scaleOfShift(Op &op, Rewriter &r) {
  Op *inner = operandOp(op, 0, "add");
  if (!inner || !isUsedOnce(inner->result()) ||
      !(comesFromLayer(inner->operand(0)) || joinsConvOfImage(op)))
    return false;
  auto a = spreadOf(inner->operand(1), r), c = spreadOf(op.operand(1), r);
  auto both = a && c ? combine(r, "mul", *a, *c) : std::nullopt;
  if (!both)
    return false;
  const Type &type = op.result()->type();
  Value *scaled = r.op("mul", {inner->operand(0), op.operand(1)});
  return r.replace(op, r.op("add", {scaled, spread(r, *both, type)}));
}

/// c + x = x + c, c * x = x * c
static bool spreadToRight(Op &op, Rewriter &r) {
  return !spreadOf(op.operand(1), r) && spreadOf(op.operand(0), r) &&
         r.replace(op, r.op(op.name(), {op.operand(1), op.operand(0)}));
}

std::optional<Layer> layerOf(Op *op) {
  if (!op)
    return std::nullopt;
  if ((op->is("conv") || op->is("conv_input_grad")) && isFrozen(op->operand(1)))
    return Layer{op, 0, 1};
  if (!op->is("contract"))
    return std::nullopt;
  for (int64_t i : {1, 0})
    if (isFrozen(op->operand(i)) && !isFrozen(op->operand(1 - i)))
      return Layer{op, 1 - i, i};
  return std::nullopt;
}

static Shape indices(const Op &op, int64_t operand) {
  return op.attr(operand ? "right" : "left").asDims();
}

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
  Shape names = ofInput ? indices(*layer.op, layer.input)
                        : layer.op->attr("result").asDims();
  Shape own = indices(*layer.op, layer.weights);
  for (int64_t axis : axes) {
    auto place = std::find(own.begin(), own.end(), names[axis]);
    if (place == own.end())
      return std::nullopt;
    found.push_back(place - own.begin());
  }
  return found;
}

Value *remade(Rewriter &r, const Layer &layer, Value *x, Value *w) {
  Value *operands[2];
  operands[layer.input] = x;
  operands[layer.weights] = w;
  Value *made = r.op(layer.op->name(), std::span<Value *const>(operands, 2),
                     layer.op->attrs, layer.op->resultTypes());
  // It is still that layer, by whose place its products are counted, not the
  // scale that has gone into it.
  made->definingOp()->location = layer.op->location;
  return made;
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

/// What a layer makes of a shift of its input: a spread constant. Padding is
/// not shifted.
static std::optional<Spread> layerOfSpread(Rewriter &r, const Layer &layer,
                                           const Spread &shift) {
  const Type &x = layer.x()->type();
  // Of a transpose, places differ in how many windows reach them.
  if (layer.op->is("conv_input_grad"))
    return std::nullopt;
  if (layer.isConv()) {
    auto a = widened(r, shift, {1}, x);
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
  Shape names = indices(*layer.op, layer.input), own;
  Shape weights = indices(*layer.op, layer.weights);
  Shape result = layer.op->attr("result").asDims(), kept;
  auto holds = [](const Shape &list, const Dim &name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  Axes axes, summed;
  for (size_t axis = 0; axis < names.size(); ++axis)
    if (!holds(result, names[axis]))
      summed.push_back(static_cast<int64_t>(axis));
  auto a = widened(r, shift, summed, x);
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
  auto after = a ? layerOfSpread(r, *layer, *a) : std::nullopt;
  if (!after)
    return false;
  Value *product = remade(r, *layer, shift->operand(0), layer->w());
  return r.replace(
      op, r.op("add", {product, spread(r, *after, op.result()->type())}));
}

// clang-format off
static const RewriteRule rules[] = {
    {"frozen-sub", "sub", "x - c = x + (-c)", toSumOrProduct},
    {"frozen-div", "div", "x / c = x * (1/c)", toSumOrProduct},
    {"frozen-add-right", "add", "c + x = x + c", spreadToRight},
    {"frozen-mul-right", "mul", "c * x = x * c", spreadToRight},
    {"frozen-add-add", "add", "(x + a) + b = x + (a + b)", joinSpreads},
    {"frozen-mul-mul", "mul", "(x * a) * b = x * (a * b)", joinSpreads},
    {"frozen-scale-of-shift", "mul", "(x + a) * c = x * c + a * c", scaleOfShift},
    {"frozen-scale-of-layer", "mul", "a scale goes into the weights of the layer before it", scaleOfLayer},
    {"frozen-scale-before-conv", "conv", "a scale goes into the weights of the convolution after it", layerOfScale},
    {"frozen-scale-before-transpose", "conv_input_grad", "a scale goes into the weights of the transposed convolution after it", layerOfScale},
    {"frozen-scale-before-product", "contract", "a scale goes into the weights of the layer after it", layerOfScale},
    {"frozen-shift-before-conv", "conv", "a shift goes through the convolution after it", layerOfShift},
    {"frozen-shift-before-product", "contract", "a shift goes through the layer after it", layerOfShift},
};
// clang-format on

const std::span<const RewriteRule> frozenRules = rules;

} // namespace nnc::simplify
