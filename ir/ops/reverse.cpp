#include "ir/reduction_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  if (!type.isTensor())
    return Inference::fail("the operand must be a tensor");
  if (std::string error = rules::checkAxis(op, type.rank()); !error.empty())
    return Inference::fail(error);
  return type;
}

static void gradient(GradientContext &c) {
  c.give(0, c.builder.op("reverse", {c.cotangent()}, c.op.attrs));
}

static void evaluate(EvaluationContext &c) {
  const Tensor &operand = *c.operands[0];
  int64_t axis = c.op.attr("axis").asInt(), i = 0;
  if (operand.size() == 0)
    return;
  Extents index(operand.shape.size(), 0);
  do {
    Extents to = index;
    to[axis] = operand.shape[axis] - 1 - to[axis];
    c.results[0].at(to) = operand.data[i++];
  } while (advance(index, operand.shape));
}

static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  int64_t axis = c.op.attr("axis").asInt();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  Shape identity = LoweringContext::identity(spec.parallel), from = identity;
  from[axis] = type.dim(axis) - 1 - from[axis];
  spec.operands = {{c.operand(0), from}};
  spec.results = {{type, identity}};
  spec.body = rules::loadedValues;
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis that is turned round."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = reverse %a {axis = 0} : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_reverse;
const OpDef op_reverse = {
    .name = "reverse",
    .doc = "Puts the elements along an axis in the opposite order.",
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
