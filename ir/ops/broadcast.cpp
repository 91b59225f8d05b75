#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  const Type &from = op.operand(0)->type();
  if (stated.size() != 1 || stated[0].kind() != from.kind() ||
      stated[0].elem() != from.elem())
    return Inference::fail("the result type must be stated, with the "
                           "element type of the operand");
  const Type &to = stated[0];
  std::vector<int64_t> axes = op.attr("axes").asInts();
  if (static_cast<int64_t>(axes.size()) != from.rank())
    return Inference::fail("axes must name one axis of the result for each "
                           "axis of the operand");
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 || axes[i] >= to.rank() || (i && axes[i] <= axes[i - 1]))
      return Inference::fail("axes must ascend within the result's rank");
    if (!(from.dim(i) == to.dim(axes[i])))
      return Inference::fail("axis " + std::to_string(i) + " is " +
                             from.dim(i).str() + " in the operand and " +
                             to.dim(axes[i]).str() + " in the result");
  }
  return to;
}

/// The sum over the axes that were added.
static void gradient(GradientContext &c) {
  std::vector<int64_t> kept = c.op.attr("axes").asInts(), added;
  for (int64_t axis = 0; axis < c.result()->type().rank(); ++axis)
    if (std::find(kept.begin(), kept.end(), axis) == kept.end())
      added.push_back(axis);
  c.give(0,
         c.builder.op("sum", {c.cotangent()}, {{"axes", Attr::ints(added)}}));
}

static void evaluate(EvaluationContext &c) {
  std::vector<int64_t> axes = c.op.attr("axes").asInts();
  Tensor &result = c.results[0];
  if (result.size() == 0)
    return;
  Extents index(result.shape.size(), 0), from(axes.size());
  int64_t i = 0;
  do {
    for (size_t axis = 0; axis < axes.size(); ++axis)
      from[axis] = index[axes[axis]];
    result.data[i++] = c.operands[0]->at(from);
  } while (advance(index, result.shape));
}

static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  Shape map;
  for (int64_t axis : c.op.attr("axes").asInts())
    map.push_back(Dim::symbol(spec.parallel[axis].name));
  spec.operands = {{c.operand(0), map}};
  spec.results = {{type, LoweringContext::identity(spec.parallel)}};
  spec.body = rules::loadedValues;
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"axes", AttrForm::Ints, true,
     "For each axis of the operand, the axis of the result that it becomes; "
     "ascending. The other axes repeat it."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[3], %b: f32[B]) {
  %y = broadcast %a {axes = [1]} : f32[B, 3]
  %z = broadcast %b {axes = [0]} : f32[B, 3]
  return %y, %z
}
)"};

extern const OpDef op_broadcast;
const OpDef op_broadcast = {
    .name = "broadcast",
    .doc = "Repeats a tensor along new axes. No other op broadcasts by "
           "itself.",
    .kind = OpKind::Indexing,
    .stages = Graph | Kernels,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
