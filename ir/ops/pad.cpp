#include "ir/op_rules.h"

#include <algorithm>

namespace nnc {

/// The distance of elements that were neighbours, along each axis.
static std::vector<int64_t> stepsOf(const Op &op) {
  if (const Attr *steps = op.findAttr("steps"))
    return steps->asInts();
  return std::vector<int64_t>(op.operand(0)->type().rank(), 1);
}

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  Shape low = op.attr("low").asDims(), high = op.attr("high").asDims();
  std::vector<int64_t> steps = stepsOf(op);
  size_t rank = type.shape().size();
  if (!type.isTensor() || low.size() != rank || high.size() != rank ||
      steps.size() != rank)
    return Inference::fail("low, high and steps must have an entry for each "
                           "axis of " +
                           type.str());
  Shape shape;
  for (size_t axis = 0; axis < rank; ++axis) {
    if (steps[axis] < 1 || (-low[axis] - 1).isKnownNonNegative() ||
        (-high[axis] - 1).isKnownNonNegative())
      return Inference::fail("low and high must not be negative, and steps "
                             "must be 1 or more");
    shape.push_back(low[axis] + (type.dim(axis) - 1) * steps[axis] + 1 +
                    high[axis]);
  }
  return type.withShape(shape);
}

static void gradient(GradientContext &c) {
  c.give(0, c.builder.op("slice", {c.cotangent()},
                         {{"starts", c.op.attr("low")},
                          {"sizes", c.operand(0)->type().shape()},
                          {"steps", Attr::ints(stepsOf(c.op))}}));
}

static void evaluate(EvaluationContext &c) {
  Tensor &result = c.results[0];
  const Tensor &operand = *c.operands[0];
  std::fill(result.data.begin(), result.data.end(),
            convertTo(result.elem, c.op.attr("value").asFloat()));
  if (operand.size() == 0)
    return;
  Shape low = c.op.attr("low").asDims();
  std::vector<int64_t> steps = stepsOf(c.op);
  Extents index(low.size(), 0), to(low.size());
  int64_t i = 0;
  do {
    for (size_t axis = 0; axis < to.size(); ++axis)
      to[axis] = c.dim(low[axis]) + steps[axis] * index[axis];
    result.at(to) = operand.data[i++];
  } while (advance(index, operand.shape));
}

/// Along one axis, what stands at place `i` of the result.
struct Source {
  Dim place;              ///< In the operand.
  std::optional<Dim> gap; ///< 0 but in a gap between elements.
  bool isOutside;         ///< The place may be none.

  Source(const Dim &i, const Dim &low, const Dim &high, int64_t step) {
    int64_t before = low.isConstant() ? low.value() % step : 0;
    Dim from = i - low + before;
    place = from.floorDiv(step);
    if (step > 1)
      gap = from - place * step - before;
    isOutside = !low.isConstant(before) || !high.isConstant(step - 1 - before);
  }
};

/// One nest writes each element once: what it reads is spread over the gaps.
static void lower(LoweringContext &c) {
  Type type = c.op.result()->type();
  Shape low = c.op.attr("low").asDims(), high = c.op.attr("high").asDims();
  std::vector<int64_t> steps = stepsOf(c.op);
  double value = c.op.attr("value").asFloat();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  Shape identity = LoweringContext::identity(spec.parallel), map, gaps;
  bool isOutside = false;
  for (size_t axis = 0; axis < low.size(); ++axis) {
    Source source(identity[axis], low[axis], high[axis], steps[axis]);
    map.push_back(source.place);
    if (source.gap)
      gaps.push_back(*source.gap);
    isOutside |= source.isOutside;
  }
  spec.operands = {{c.operand(0), map}};
  if (isOutside)
    spec.operands[0].fill = value;
  spec.results = {{type, identity}};
  spec.body = [&](Builder &b, std::span<Value *const> loaded) {
    Value *result = loaded[0];
    for (const Dim &gap : gaps) {
      Type index = Type::scalar(Elem::I32);
      Value *isElement = b.op(
          "compare",
          {b.op("axis", {}, {{"value", gap}}, {index}), b.constant(0, index)},
          {{"predicate", "eq"}});
      result = b.op("select", {isElement, result,
                               b.constant(value, Type::scalar(type.elem()))});
    }
    return std::vector{result};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"low", AttrForm::Dims, true,
     "How many elements are put before each axis."},
    {"high", AttrForm::Dims, true,
     "How many elements are put behind each axis."},
    {"value", AttrForm::Float, true, "What is put there."},
    {"steps", AttrForm::Ints, false,
     "The distance, along each axis, of elements that were neighbours: with 2, "
     "one `value` is put between them. All 1 if not given."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = pad %a {low = [0, 2], high = [1, B], value = 0.0} : f32[B + 1, B + 5]
  %z = pad %a {low = [1, 0], high = [0, 1], value = -1.5, steps = [1, 3]} : f32[B + 1, 8]
  return %y, %z
}
)"};

extern const OpDef op_pad;
const OpDef op_pad = {
    .name = "pad",
    .doc = "Puts a value around a tensor, and between its elements.",
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
