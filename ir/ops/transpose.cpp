#include "ir/reduction_rules.h"

#include <algorithm>

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  rules::Axes axes = op.attr("permutation").asInts();
  rules::Axes sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  for (int64_t i = 0; i < static_cast<int64_t>(sorted.size()); ++i)
    if (sorted[i] != i)
      return Inference::fail("permutation must name each axis once");
  if (!type.isTensor() || static_cast<int64_t>(axes.size()) != type.rank())
    return Inference::fail("permutation must name each axis of " + type.str());
  return type.withShape(rules::pick(type.shape(), axes));
}

static void gradient(GradientContext &c) {
  rules::Axes axes = c.op.attr("permutation").asInts(), inverse(axes.size());
  for (size_t i = 0; i < axes.size(); ++i)
    inverse[axes[i]] = static_cast<int64_t>(i);
  c.give(0, c.builder.op("transpose", {c.cotangent()},
                         {{"permutation", Attr::ints(inverse)}}));
}

static void evaluate(EvaluationContext &c) {
  Tensor &result = c.results[0];
  if (result.size() == 0)
    return;
  rules::Axes axes = c.op.attr("permutation").asInts();
  Extents index(axes.size(), 0), from(axes.size());
  int64_t i = 0;
  do {
    for (size_t axis = 0; axis < axes.size(); ++axis)
      from[axes[axis]] = index[axis];
    result.data[i++] = c.operands[0]->at(from);
  } while (advance(index, result.shape));
}

static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  Shape identity = LoweringContext::identity(spec.parallel), from = identity;
  rules::Axes axes = c.op.attr("permutation").asInts();
  for (size_t axis = 0; axis < axes.size(); ++axis)
    from[axes[axis]] = identity[axis];
  spec.operands = {{c.operand(0), from}};
  spec.results = {{type, identity}};
  spec.body = rules::loadedValues;
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"permutation", AttrForm::Ints, true,
     "For each axis of the result, the axis of the operand that it is."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 2, 3]) {
  %y = transpose %a {permutation = [2, 0, 1]} : f32[3, B, 2]
  return %y
}
)"};

extern const OpDef op_transpose;
const OpDef op_transpose = {
    .name = "transpose",
    .doc = "Puts the axes in another order.",
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
