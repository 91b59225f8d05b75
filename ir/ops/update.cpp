#include "ir/gather_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type(), &index = op.operand(1)->type();
  if (!type.isTensor() || !(index == Type::scalar(Elem::I32)))
    return Inference::fail("the index must be an i32, and is " + index.str());
  if (std::string error = rules::checkAxis(op, type.rank()); !error.empty())
    return Inference::fail(error);
  Type row = type.withShape(
      rules::gatheredShape(type.shape(), {}, op.attr("axis").asInt()));
  if (!(op.operand(2)->type() == row))
    return Inference::fail("the new part is " + op.operand(2)->type().str() +
                           " and must be " + row.str());
  return type;
}

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  Value *index = c.operand(1);
  if (c.wants(0))
    c.give(0, b.op("update",
                   {c.cotangent(), index, b.constant(0, c.operand(2)->type())},
                   c.op.attrs));
  if (c.wants(2))
    c.give(2, b.op("gather", {c.cotangent(), index}, c.op.attrs));
}

static void evaluate(EvaluationContext &c) {
  Tensor &result = c.results[0];
  const Tensor &row = *c.operands[2];
  result.data = c.operands[0]->data;
  rules::forEachGathered(
      c, result, *c.operands[1], row,
      [&](int64_t to, int64_t from) { result.data[to] = row.data[from]; });
}

static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  rules::GatherMaps maps(type, c.operand(1)->type(), c.op.attr("axis").asInt());
  NestSpec spec;
  spec.into = c.operand(0);
  spec.parallel = maps.rowAxes;
  spec.operands = {{c.operand(1), maps.ids}, {c.operand(2), maps.rows}};
  spec.loaded = {{rules::GatherMaps::row, 0}};
  spec.results = {{type, maps.table}};
  spec.body = [](Builder &, std::span<Value *const> loaded) {
    return std::vector{loaded[1]};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis that is indexed."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: f32[B, 3, 2], %i: i32, %part: f32[B, 2]) {
  %y = update %x, %i, %part {axis = 1} : f32[B, 3, 2]
  return %y
}
)"};

extern const OpDef op_update;
const OpDef op_update = {
    .name = "update",
    .doc = "The first operand with its part at an index replaced: `x[index] = "
           "part`. "
           "Done in place where the old value is not used again. An index out "
           "of range "
           "stops the program.",
    .kind = OpKind::Indexing,
    .stages = Graph,
    .effect = Effect::Stop,
    .operands = {3, 3},
    .attrs = attrs,
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
