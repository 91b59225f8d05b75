#include "ir/gather_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &table = op.operand(0)->type(), &ids = op.operand(1)->type();
  if (!table.isTensor() || !ids.isTensor() || ids.elem() != Elem::I32)
    return Inference::fail(
        "operands must be a tensor and i32 indices, and are " + table.str() +
        " and " + ids.str());
  if (std::string error = rules::checkAxis(op, table.rank()); !error.empty())
    return Inference::fail(error);
  return table.withShape(rules::gatheredShape(table.shape(), ids.shape(),
                                              op.attr("axis").asInt()));
}

static void gradient(GradientContext &c) {
  if (c.wants(0))
    c.give(0, c.builder.op("scatter_add", {c.operand(1), c.cotangent()},
                           c.op.attrs, {c.operand(0)->type()}));
}

static void evaluate(EvaluationContext &c) {
  const Tensor &table = *c.operands[0];
  rules::forEachGathered(c, table, *c.operands[1], c.results[0],
                         [&](int64_t from, int64_t to) {
                           c.results[0].data[to] = table.data[from];
                         });
}

static void lower(LoweringContext &c) {
  rules::GatherMaps maps(c.operand(0)->type(), c.operand(1)->type(),
                         c.op.attr("axis").asInt());
  NestSpec spec;
  spec.parallel = maps.rowAxes;
  spec.operands = {{c.operand(1), maps.ids}, {c.operand(0), maps.table}};
  spec.loaded = {{rules::GatherMaps::row, 0}};
  spec.results = {{c.op.result()->type(), maps.rows}};
  spec.body = [](Builder &, std::span<Value *const> loaded) {
    return std::vector{loaded[1]};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis of the table that is indexed."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%table: f32[5, 2], %ids: i32[B, 3], %i: i32) {
  %y = gather %table, %ids {axis = 0} : f32[B, 3, 2]
  %z = gather %table, %i {axis = 1} : f32[5]
  return %y, %z
}
)"};

extern const OpDef op_gather;
const OpDef op_gather = {
    .name = "gather",
    .doc = "The rows of a table that `ids` names: `gather(table, ids)` has the "
           "axes of "
           "`ids` where the table has `axis`. An index out of range stops the "
           "program.",
    .kind = OpKind::Indexing,
    .stages = Graph,
    .effect = Effect::Stop,
    .operands = {2, 2},
    .attrs = attrs,
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
