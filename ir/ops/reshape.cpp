#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  const Type &from = op.operand(0)->type();
  if (stated.size() != 1 || !from.isTensor() || !stated[0].isTensor() ||
      stated[0].elem() != from.elem())
    return Inference::fail("the result type must be stated, with the element "
                           "type of the operand");
  if (!(elementCount(from.shape()) == elementCount(stated[0].shape())))
    return Inference::fail(from.str() + " and " + stated[0].str() +
                           " differ in the number of elements");
  return stated[0];
}

static void gradient(GradientContext &c) {
  c.give(0,
         c.builder.op("reshape", {c.cotangent()}, {}, {c.operand(0)->type()}));
}

static void evaluate(EvaluationContext &c) {
  c.results[0].data = c.operands[0]->data;
}

/// For each axis of the operand the axis of the result that it is; -1 for one
/// of size 1. Nothing, if more than axes of size 1 come and go.
static std::optional<std::vector<int64_t>> keptAxes(const Shape &from,
                                                    const Shape &to) {
  std::vector<int64_t> kept;
  size_t next = 0;
  for (const Dim &extent : from) {
    if (extent.isConstant(1)) {
      kept.push_back(-1);
      continue;
    }
    while (next < to.size() && to[next].isConstant(1))
      ++next;
    if (next == to.size() || !(to[next] == extent))
      return std::nullopt;
    kept.push_back(static_cast<int64_t>(next++));
  }
  return kept;
}

/// A copy, which composition and fusion see through, if only axes of size 1
/// come and go. Otherwise the op stays: another name for the same memory.
static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  auto kept = keptAxes(c.operand(0)->type().shape(), type.shape());
  if (!kept)
    return;
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  Shape map;
  for (int64_t axis : *kept)
    map.push_back(axis < 0 ? Dim(0) : Dim::symbol(spec.parallel[axis].name));
  spec.operands = {{c.operand(0), map}};
  spec.results = {{type, LoweringContext::identity(spec.parallel)}};
  spec.body = rules::loadedValues;
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 2, 3]) {
  %y = reshape %a : f32[2*B, 3]
  return %y
}
)",
    R"(
func @example_ones(%a: f32[B, 1, 3]) {
  %y = reshape %a : f32[1, B, 3, 1]
  return %y
}
)"};

extern const OpDef op_reshape;
const OpDef op_reshape = {
    .name = "reshape",
    .doc = "Gives the elements, in row-major order, another shape. The result "
           "type is "
           "stated.",
    .kind = OpKind::Indexing,
    .stages = Graph | Kernels,
    .operands = {1, 1},
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
