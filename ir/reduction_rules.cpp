#include "ir/reduction_rules.h"

#include <algorithm>
#include <limits>

namespace nnc::rules {

Axes otherAxes(int64_t rank, const Axes &axes) {
  Axes others;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end())
      others.push_back(axis);
  return others;
}

Shape pick(const Shape &shape, const Axes &axes) {
  Shape picked;
  for (int64_t axis : axes)
    picked.push_back(shape[axis]);
  return picked;
}

std::string checkAxis(const Op &op, int64_t rank) {
  int64_t axis = op.attr("axis").asInt();
  if (axis >= 0 && axis < rank)
    return "";
  return "there is no axis " + std::to_string(axis);
}

Inference numbers(const Op &op) {
  const Type &type = op.operand(0)->type();
  if (!type.isTensor() || type.elem() == Elem::Bool)
    return Inference::fail("the operand must be a tensor of numbers, and is " +
                           type.str());
  return type;
}

Inference numbersAlongAxis(const Op &op) {
  Inference operand = numbers(op);
  if (!operand.ok())
    return operand;
  std::string error = checkAxis(op, operand.types[0].rank());
  return error.empty() ? operand : Inference::fail(error);
}

Inference reduction(const Op &op, std::span<const Type>) {
  Inference operand = numbers(op);
  if (!operand.ok())
    return operand;
  const Type &type = operand.types[0];
  Axes axes = op.attr("axes").asInts();
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i] < 0 || axes[i] >= type.rank() || (i && axes[i] <= axes[i - 1]))
      return Inference::fail("axes must ascend within the operand's rank");
  return type.withShape(pick(type.shape(), otherAxes(type.rank(), axes)));
}

Value *unreduce(Builder &builder, Value *value, const Axes &axes,
                const Shape &shape) {
  Axes kept = otherAxes(static_cast<int64_t>(shape.size()), axes);
  return builder.op("broadcast", {value}, {{"axes", Attr::ints(kept)}},
                    {value->type().withShape(shape)});
}

Value *placeAlong(Builder &builder, const Axes &axes, const Shape &shape) {
  Type type = Type::tensor(Elem::I32, shape);
  Value *place = nullptr;
  for (int64_t axis : axes) {
    Value *along = builder.op("iota", {}, {{"axis", axis}}, {type});
    if (place) {
      Value *size = builder.op("size", {}, {{"value", shape[axis]}},
                               {Type::scalar(Elem::I32)});
      place = builder.op("mul", {place, builder.broadcastTo(size, shape)});
      along = builder.op("add", {place, along});
    }
    place = along;
  }
  return place;
}

void giveToFirst(GradientContext &c, const char *worse) {
  Builder &b = c.builder;
  Value *x = c.operand(0);
  const Shape &shape = x->type().shape();
  Axes axes = c.op.attr("axes").asInts();
  if (axes.empty())
    return c.give(0, c.cotangent());
  Value *best = unreduce(b, c.result(), axes, shape);
  Value *isWorse = b.op("compare", {x, best}, {{"predicate", worse}});
  Value *place = placeAlong(b, axes, shape);
  Value *last = b.constant(std::numeric_limits<int32_t>::max(), place->type());
  Value *first = b.op("reduce_min", {b.op("select", {isWorse, last, place})},
                      {{"axes", Attr::ints(axes)}});
  Value *isFirst = b.op("compare", {place, unreduce(b, first, axes, shape)},
                        {{"predicate", "eq"}});
  c.give(0, b.op("select", {isFirst, unreduce(b, c.cotangent(), axes, shape),
                            b.constant(0, x->type())}));
}

double worst(Elem elem, bool forLargest) {
  double last = std::numeric_limits<double>::infinity();
  if (elem == Elem::I32)
    last = std::numeric_limits<int32_t>::max();
  if (elem == Elem::I64)
    last = static_cast<double>(std::numeric_limits<int64_t>::max());
  return forLargest ? -last : last;
}

void lowerReduction(LoweringContext &c, const char *combine) {
  const Type &type = c.operand(0)->type();
  std::vector<NestAxis> all = LoweringContext::axesOf(type.shape());
  Axes axes = c.op.attr("axes").asInts();
  NestSpec spec;
  for (int64_t axis : otherAxes(type.rank(), axes))
    spec.parallel.push_back(all[axis]);
  for (int64_t axis : axes)
    spec.reduce.push_back(all[axis]);
  if (!axes.empty())
    spec.combine = combine;
  spec.operands = {{c.operand(0), LoweringContext::identity(all)}};
  spec.results = {
      {c.op.result()->type(), LoweringContext::identity(spec.parallel)}};
  spec.body = loadedValues;
  c.replace(0, c.nest(std::move(spec))[0]);
}

} // namespace nnc::rules
