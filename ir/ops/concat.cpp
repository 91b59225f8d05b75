#include "ir/reduction_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &first = op.operand(0)->type();
  if (!first.isTensor())
    return Inference::fail("operands must be tensors");
  if (std::string error = rules::checkAxis(op, first.rank()); !error.empty())
    return Inference::fail(error);
  int64_t axis = op.attr("axis").asInt();
  Dim total = 0;
  for (Value *operand : op.operands()) {
    const Type &type = operand->type();
    Shape like = type.shape();
    if (type.rank() == first.rank())
      like[axis] = first.dim(axis);
    if (!(type.withShape(like) == first))
      return Inference::fail("operands have types " + first.str() + " and " +
                             type.str());
    total = total + type.dim(axis);
  }
  Shape shape = first.shape();
  shape[axis] = total;
  return first.withShape(shape);
}

static void gradient(GradientContext &c) {
  int64_t axis = c.op.attr("axis").asInt();
  Shape starts(c.result()->type().rank(), 0);
  AttrList ones(starts.size(), 1);
  for (int64_t i = 0; i < c.op.operandCount(); ++i) {
    const Shape &sizes = c.operand(i)->type().shape();
    if (c.wants(i))
      c.give(i, c.builder.op(
                    "slice", {c.cotangent()},
                    {{"starts", starts}, {"sizes", sizes}, {"steps", ones}}));
    starts[axis] = starts[axis] + sizes[axis];
  }
}

static void evaluate(EvaluationContext &c) {
  int64_t axis = c.op.attr("axis").asInt(), start = 0;
  for (const Tensor *operand : c.operands) {
    Extents index(operand->shape.size(), 0);
    if (operand->size())
      do {
        Extents to = index;
        to[axis] += start;
        c.results[0].at(to) = operand->at(index);
      } while (advance(index, operand->shape));
    start += operand->shape[axis];
  }
}

/// A nest for each operand; each fills its part.
static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  int64_t axis = c.op.attr("axis").asInt();
  Value *result = c.builder.op("empty", {}, {}, {type});
  Dim start = 0;
  for (Value *operand : c.op.operands()) {
    NestSpec spec;
    spec.parallel = LoweringContext::axesOf(operand->type().shape());
    Shape identity = LoweringContext::identity(spec.parallel), to = identity;
    to[axis] = to[axis] + start;
    spec.operands = {{operand, identity}};
    spec.results = {{type, to}};
    spec.into = result;
    spec.body = rules::loadedValues;
    result = c.nest(std::move(spec))[0];
    start = start + operand->type().dim(axis);
  }
  c.replace(0, result);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis along which they are joined."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 1], %c: f32[B, T]) {
  %y = concat %a, %b, %c {axis = 1} : f32[B, T + 4]
  return %y
}
)"};

extern const OpDef op_concat;
const OpDef op_concat = {
    .name = "concat",
    .doc = "Joins tensors along an axis.",
    .kind = OpKind::Indexing,
    .stages = Graph,
    .operands = {1, -1},
    .attrs = attrs,
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
