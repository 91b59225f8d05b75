//===- Convolutions that are matrix products ------------------------------===//
//
// A 1x1 convolution of stride 1 multiplies each place by one matrix: a product
// of which all places of an image are one axis, without a copy of the image. So
// do its two gradients. The rules for ops after it keep their fusion: they move
// the reshape that gives the places their axes back behind them.
//
//===----------------------------------------------------------------------===//
#include "ir/conv_rules.h"
#include "ir/op_def.h"
#include "ir/simplify/depthwise.h"
#include "ir/simplify/rules.h"

#include <algorithm>

namespace nnc::simplify {

/// The images as matrices: a channel's places lie along one axis.
static Value *flat(Rewriter &r, Value *image) {
  const Type &type = image->type();
  Dim places = 1;
  for (int64_t axis = 2; axis < type.rank(); ++axis)
    places = places * type.dim(axis);
  return r.op("reshape", {image}, {},
              {type.withShape({type.dim(0), type.dim(1), places})});
}

static Value *matrix(Rewriter &r, Value *w) {
  const Type &type = w->type();
  return r.op("reshape", {w}, {}, {type.withShape({type.dim(0), type.dim(1)})});
}

static Attr names(std::initializer_list<const char *> list) {
  Shape symbols;
  for (const char *name : list)
    symbols.push_back(Dim::symbol(name));
  return symbols;
}

static bool pointwise(Op &op, Rewriter &r) {
  Value *x = op.operand(0), *w = op.operand(1);
  if (!isPointwise(op, x->type(), w->type()) ||
      (followsDepthwise(x) && whyNotByRows(x->type()).empty()))
    return false;
  Value *y = r.op("contract", {matrix(r, w), flat(r, x)},
                  {{"left", names({"o", "i"})},
                   {"right", names({"b", "i", "p"})},
                   {"result", names({"b", "o", "p"})}});
  return r.replace(op, r.op("reshape", {y}, {}, {op.result()->type()}));
}

static bool pointwiseInputGrad(Op &op, Rewriter &r) {
  Value *dy = op.operand(0), *w = op.operand(1);
  if (!isPointwise(op, op.result()->type(), w->type()))
    return false;
  Value *dx = r.op("contract", {matrix(r, w), flat(r, dy)},
                   {{"left", names({"o", "i"})},
                    {"right", names({"b", "o", "p"})},
                    {"result", names({"b", "i", "p"})}});
  return r.replace(op, r.op("reshape", {dx}, {}, {op.result()->type()}));
}

static bool pointwiseWeightGrad(Op &op, Rewriter &r) {
  Value *x = op.operand(0), *dy = op.operand(1);
  if (!isPointwise(op, x->type(), op.result()->type()))
    return false;
  Value *dw = r.op("contract", {flat(r, dy), flat(r, x)},
                   {{"left", names({"b", "o", "p"})},
                    {"right", names({"b", "i", "p"})},
                    {"result", names({"o", "i"})}});
  return r.replace(op, r.op("reshape", {dw}, {}, {op.result()->type()}));
}

/// For each axis of `from` the first of the axes of `to` into which it is taken
/// apart, and one more entry for the end; empty if axes are put together.
static std::vector<int64_t> split(const Shape &from, const Shape &to) {
  std::vector<int64_t> first = {0};
  size_t next = 0;
  for (const Dim &extent : from) {
    Dim found = 1;
    do {
      if (next == to.size())
        return {};
      found = found * to[next++];
    } while (!(found == extent));
    first.push_back(static_cast<int64_t>(next));
  }
  if (next < to.size())
    return {};
  return first;
}

static bool contains(const std::vector<int64_t> &axes, int64_t axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

/// The axes before the split along which a broadcast's operand lies; nothing if
/// it does not repeat along all axes into which one is taken apart.
static std::optional<std::vector<int64_t>>
unsplitAxes(const Op &broadcast, const std::vector<int64_t> &first) {
  std::vector<int64_t> axes;
  for (int64_t axis : broadcast.attr("axes").asInts()) {
    auto place = std::find(first.begin(), first.end(), axis);
    if (place == first.end() || place[1] != axis + 1)
      return std::nullopt;
    axes.push_back(place - first.begin());
  }
  return axes;
}

/// Whether an op after it may run in the same kernel.
static bool mayTakeMore(const Value *value) {
  const Op *op = value->definingOp();
  return op && value->uses().size() == 1 &&
         (op->def().kind == OpKind::Contraction ||
          op->def().kind == OpKind::Elementwise);
}

static const Op *splittingOperand(const Op &op) {
  for (int64_t i = 0; i < op.operandCount(); ++i)
    if (const Op *reshape = operandOp(op, i, "reshape");
        reshape && reshape->result()->uses().size() == 1 &&
        reshape->operand(0)->type().rank() < reshape->result()->type().rank() &&
        mayTakeMore(reshape->operand(0)))
      return reshape;
  return nullptr;
}

static bool elementwiseOfSplit(Op &op, Rewriter &r) {
  const Op *reshape =
      op.def().kind == OpKind::Elementwise ? splittingOperand(op) : nullptr;
  if (!reshape)
    return false;
  const Shape &before = reshape->operand(0)->type().shape();
  std::vector<int64_t> first = split(before, op.result()->type().shape());
  if (first.empty())
    return false;
  for (int64_t i = 0; i < op.operandCount(); ++i) {
    const Op *broadcast = operandOp(op, i, "broadcast");
    if (broadcast ? !unsplitAxes(*broadcast, first)
                  : mayTakeMore(op.operand(i)))
      return false;
  }
  std::vector<Value *> operands;
  for (Value *value : op.operands()) {
    Type type = value->type().withShape(before);
    const Op *made = value->definingOp();
    if (std::optional<double> splat = splatOf(value))
      operands.push_back(r.constant(*splat, type));
    else if (made && made->is("broadcast"))
      operands.push_back(
          r.op("broadcast", {made->operand(0)},
               {{"axes", Attr::ints(*unsplitAxes(*made, first))}}, {type}));
    else
      operands.push_back(r.op("reshape", {value}, {}, {type}));
  }
  Type stated[] = {op.result()->type().withShape(before)};
  Value *small = r.op(op.name(), operands, op.attrs, stated);
  return r.replace(op, r.op("reshape", {small}, {}, {op.result()->type()}));
}

/// Along all the axes into which one is taken apart, or none of them.
static bool reductionOfSplit(Op &op, Rewriter &r) {
  const Op *reshape = operandOp(op, 0, "reshape");
  if (!reshape)
    return false;
  Value *value = reshape->operand(0);
  std::vector<int64_t> first =
      split(value->type().shape(), reshape->result()->type().shape());
  if (first.empty())
    return false;
  std::vector<int64_t> reduced = op.attr("axes").asInts(), axes;
  for (size_t axis = 0; axis + 1 < first.size(); ++axis) {
    int64_t count = 0, width = first[axis + 1] - first[axis];
    for (int64_t part = first[axis]; part < first[axis + 1]; ++part)
      count += contains(reduced, part);
    if (count != 0 && count != width)
      return false;
    if (count)
      axes.push_back(static_cast<int64_t>(axis));
  }
  Value *made = r.op(op.name(), {value}, {{"axes", Attr::ints(axes)}});
  if (!(made->type() == op.result()->type()))
    made = r.op("reshape", {made}, {}, {op.result()->type()});
  return r.replace(op, made);
}

// clang-format off
static const RewriteRule rules[] = {
    {"elementwise-of-split", "", "f (reshape x, ...) = reshape (f (x, ...)), if an axis is taken apart", elementwiseOfSplit},
    {"sum-of-split", "sum", "sum (reshape x) = sum x, if an axis is taken apart", reductionOfSplit},
    {"reduce-max-of-split", "reduce_max", "max (reshape x) = max x, if an axis is taken apart", reductionOfSplit},
    {"reduce-min-of-split", "reduce_min", "min (reshape x) = min x, if an axis is taken apart", reductionOfSplit},
};

static const RewriteRule pointwiseRules[] = {
    {"conv-pointwise", "conv", "a 1x1 convolution is a matrix product", pointwise},
    {"conv-pointwise-input-grad", "conv_input_grad", "a 1x1 convolution's gradient by its input is a matrix product", pointwiseInputGrad},
    {"conv-pointwise-weight-grad", "conv_weight_grad", "a 1x1 convolution's gradient by its weights is a matrix product", pointwiseWeightGrad},
};
// clang-format on

const std::span<const RewriteRule> splitRules = rules;
const std::span<const RewriteRule> convolutionRules = pointwiseRules;

} // namespace nnc::simplify
