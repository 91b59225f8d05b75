#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  Shape starts = op.attr("starts").asDims(), sizes = op.attr("sizes").asDims();
  std::vector<int64_t> steps = op.attr("steps").asInts();
  size_t rank = type.shape().size();
  if (!type.isTensor() || starts.size() != rank || sizes.size() != rank ||
      steps.size() != rank)
    return Inference::fail("starts, sizes and steps must have an entry for "
                           "each axis of " +
                           type.str());
  for (size_t axis = 0; axis < rank; ++axis) {
    Dim end = starts[axis] + (sizes[axis] - 1) * steps[axis];
    Dim beyond = end - type.shape()[axis];
    if (steps[axis] < 1 || (-starts[axis] - 1).isKnownNonNegative() ||
        beyond.isKnownNonNegative())
      return Inference::fail("the slice of axis " + std::to_string(axis) +
                             " does not lie within " + type.str());
  }
  return type.withShape(sizes);
}

static void gradient(GradientContext &c) {
  const Shape &whole = c.operand(0)->type().shape();
  Shape low = c.op.attr("starts").asDims(), high;
  Shape sizes = c.op.attr("sizes").asDims();
  std::vector<int64_t> steps = c.op.attr("steps").asInts();
  for (size_t axis = 0; axis < whole.size(); ++axis)
    high.push_back(whole[axis] - low[axis] -
                   ((sizes[axis] - 1) * steps[axis] + 1));
  AttrDict attrs = {{"low", low}, {"high", high}, {"value", 0.0}};
  if (steps != std::vector<int64_t>(steps.size(), 1))
    attrs.set("steps", Attr::ints(steps));
  c.give(0, c.builder.op("pad", {c.cotangent()}, attrs));
}

static void evaluate(EvaluationContext &c) {
  Tensor &result = c.results[0];
  if (result.size() == 0)
    return;
  Shape starts = c.op.attr("starts").asDims();
  std::vector<int64_t> steps = c.op.attr("steps").asInts();
  Extents index(starts.size(), 0), from(starts.size());
  int64_t i = 0;
  do {
    for (size_t axis = 0; axis < from.size(); ++axis) {
      from[axis] = c.dim(starts[axis]) + steps[axis] * index[axis];
      if (from[axis] < 0 || from[axis] >= c.operands[0]->shape[axis])
        return c.stop("index " + std::to_string(from[axis]) +
                      " is out of range for an axis of size " +
                      std::to_string(c.operands[0]->shape[axis]));
    }
    result.data[i++] = c.operands[0]->at(from);
  } while (advance(index, result.shape));
}

static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  Shape starts = c.op.attr("starts").asDims();
  std::vector<int64_t> steps = c.op.attr("steps").asInts();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  Shape identity = LoweringContext::identity(spec.parallel), from;
  for (size_t axis = 0; axis < identity.size(); ++axis)
    from.push_back(starts[axis] + identity[axis] * steps[axis]);
  spec.operands = {{c.operand(0), from}};
  spec.results = {{type, identity}};
  spec.body = rules::loadedValues;
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"starts", AttrForm::Dims, true, "The first index along each axis."},
    {"sizes", AttrForm::Dims, true, "How many elements along each axis."},
    {"steps", AttrForm::Ints, true,
     "From one element to the next along each axis, 1 or more."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 7], %b: f32[B, 4]) {
  %y = slice %a {starts = [0, 1], sizes = [B, 3], steps = [1, 2]} : f32[B, 3]
  %z = slice %b {starts = [B - 1, 1], sizes = [1, 2], steps = [1, 1]} : f32[1, 2]
  return %y, %z
}
)"};

extern const OpDef op_slice;
const OpDef op_slice = {
    .name = "slice",
    .doc = "A part of a tensor: along each axis, elements at equal distances.",
    .kind = OpKind::Indexing,
    .stages = Graph,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
