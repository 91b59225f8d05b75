#include "ir/gather_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  const Type &ids = op.operand(0)->type(), &rows = op.operand(1)->type();
  if (stated.size() != 1 || !stated[0].isTensor())
    return Inference::fail("the result type must be stated");
  if (!rows.isTensor() || !ids.isTensor() || ids.elem() != Elem::I32 ||
      rows.elem() == Elem::Bool)
    return Inference::fail(
        "operands must be i32 indices and numbers, and are " + ids.str() +
        " and " + rows.str());
  if (std::string error = rules::checkAxis(op, stated[0].rank());
      !error.empty())
    return Inference::fail(error);
  Type fits = stated[0].withShape(rules::gatheredShape(
      stated[0].shape(), ids.shape(), op.attr("axis").asInt()));
  if (!(rows == fits))
    return Inference::fail("the rows are " + rows.str() + " and must be " +
                           fits.str());
  return stated[0];
}

static void gradient(GradientContext &c) {
  if (c.wants(1))
    c.give(1,
           c.builder.op("gather", {c.cotangent(), c.operand(0)}, c.op.attrs));
}

static void evaluate(EvaluationContext &c) {
  Tensor &table = c.results[0];
  const Tensor &rows = *c.operands[1];
  rules::forEachGathered(
      c, table, *c.operands[0], rows,
      [&](int64_t to, int64_t from) { table.data[to] += rows.data[from]; });
}

/// The axes of the indices are reduced axes, so that rows that meet are added
/// in order.
static void lower(LoweringContext &c) {
  Type type = c.op.result()->type();
  rules::GatherMaps maps(type, c.operand(0)->type(), c.op.attr("axis").asInt());
  NestSpec zeros;
  zeros.parallel = LoweringContext::axesOf(type.shape());
  zeros.results = {{type, LoweringContext::identity(zeros.parallel)}};
  zeros.body = [&](Builder &b, std::span<Value *const>) {
    return std::vector{b.constant(0, Type::scalar(type.elem()))};
  };
  NestSpec spec;
  spec.into = c.nest(std::move(zeros))[0];
  spec.parallel = maps.tableAxes;
  spec.reduce = maps.idAxes;
  spec.combine = "add";
  spec.operands = {{c.operand(0), maps.ids}, {c.operand(1), maps.rows}};
  spec.loaded = {{rules::GatherMaps::row, 0}};
  spec.results = {{type, maps.table}};
  spec.body = [](Builder &, std::span<Value *const> loaded) {
    return std::vector{loaded[1]};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis of the result that is indexed."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%ids: i32[B, 3], %rows: f32[B, 3, 2], %i: i32, %row: f32[4]) {
  %y = scatter_add %ids, %rows {axis = 0} : f32[5, 2]
  %z = scatter_add %i, %row {axis = 1} : f32[4, 3]
  return %y, %z
}
)"};

extern const OpDef op_scatter_add;
const OpDef op_scatter_add = {
    .name = "scatter_add",
    .doc = "Zeros, to which the rows are added that `ids` sends there: "
           "`scatter_add(ids, rows)` is what `gather` needs for its "
           "derivative. The "
           "result type is stated. An index out of range stops the program.",
    .kind = OpKind::Reduction,
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
