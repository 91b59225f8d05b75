#include "ir/reduction_rules.h"

namespace nnc {

static bool reversed(const Op &op) {
  const Attr *reverse = op.findAttr("reverse");
  return reverse && reverse->asBool();
}

static Inference shape(const Op &op, std::span<const Type>) {
  return rules::numbersAlongAxis(op);
}

static void gradient(GradientContext &c) {
  c.give(0, c.builder.op(
                "cumsum", {c.cotangent()},
                {{"axis", c.op.attr("axis")}, {"reverse", !reversed(c.op)}}));
}

static void evaluate(EvaluationContext &c) {
  Tensor &result = c.results[0];
  result.data = c.operands[0]->data;
  int64_t axis = c.op.attr("axis").asInt();
  int64_t length = result.shape[axis], inner = 1;
  for (int64_t i = axis + 1; i < result.rank(); ++i)
    inner *= result.shape[i];
  bool backward = reversed(c.op);
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t at = backward ? result.size() - 1 - i : i;
    int64_t place = at / inner % length;
    if (place != (backward ? length - 1 : 0))
      result.data[at] += result.data[backward ? at + inner : at - inner];
  }
}

/// A scan whose body is a nest.
static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  int64_t axis = c.op.attr("axis").asInt();
  rules::Axes kept = rules::otherAxes(type.rank(), {axis});
  Type part = type.withShape(rules::pick(type.shape(), kept));
  NestSpec zeros;
  zeros.parallel = LoweringContext::axesOf(part.shape());
  zeros.results = {{part, LoweringContext::identity(zeros.parallel)}};
  zeros.body = [&](Builder &b, std::span<Value *const>) {
    return std::vector{b.constant(0, Type::scalar(part.elem()))};
  };
  Value *start = c.nest(std::move(zeros))[0];
  std::vector<Value *> operands = {start, c.operand(0)};
  std::vector<Type> results = {part, type};
  Op *scan = c.builder.createWithRegions("scan", operands,
                                         {{"carries", 1},
                                          {"sequences", 1},
                                          {"length", type.dim(axis)},
                                          {"reverse", reversed(c.op)},
                                          {"sequence_axes", Attr::ints({axis})},
                                          {"result_axes", Attr::ints({axis})}},
                                         results, 1);
  Block &body = scan->region();
  body.addArgument(Type::scalar(Elem::I32), "t");
  Value *sum = body.addArgument(part, "sum");
  Value *element = body.addArgument(part, "x");
  Builder inner(body);
  inner.location = c.op.location;
  NestSpec add;
  add.parallel = LoweringContext::axesOf(part.shape());
  Shape identity = LoweringContext::identity(add.parallel);
  add.operands = {{sum, identity}, {element, identity}};
  add.results = {{part, identity}};
  add.body = [](Builder &b, std::span<Value *const> loaded) {
    return std::vector{b.op("add", {loaded[0], loaded[1]})};
  };
  Value *next = buildNest(inner, std::move(add))[0];
  inner.create("yield", {next, next});
  c.replace(0, scan->result(1));
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis along which it sums."},
    {"reverse", AttrForm::Bool, false, "From the end towards the start."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = cumsum %a {axis = 1} : f32[B, 3]
  %z = cumsum %a {axis = 0, reverse = true} : f32[B, 3]
  return %y, %z
}
)"};

extern const OpDef op_cumsum;
const OpDef op_cumsum = {
    .name = "cumsum",
    .doc = "The sums of the elements up to and with each one along an axis.",
    .kind = OpKind::Reduction,
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
