#include "ir/reduction_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  if (stated.size() != 1 || !stated[0].isTensor() ||
      stated[0].elem() == Elem::Bool)
    return Inference::fail("the result type must be stated, with numbers");
  if (std::string error = rules::checkAxis(op, stated[0].rank());
      !error.empty())
    return Inference::fail(error);
  return stated[0];
}

static void evaluate(EvaluationContext &c) {
  Tensor &result = c.results[0];
  if (result.size() == 0)
    return;
  int64_t axis = c.op.attr("axis").asInt(), i = 0;
  Extents index(result.shape.size(), 0);
  do {
    result.data[i++] = static_cast<double>(index[axis]);
  } while (advance(index, result.shape));
}

static void lower(LoweringContext &c) {
  Type type = c.op.result()->type();
  NestSpec spec;
  spec.parallel = LoweringContext::axesOf(type.shape());
  Shape identity = LoweringContext::identity(spec.parallel);
  spec.results = {{type, identity}};
  Dim along = identity[c.op.attr("axis").asInt()];
  spec.body = [&](Builder &b, std::span<Value *const>) {
    Type scalar = Type::scalar(type.elem());
    if (isInteger(type.elem()))
      return std::vector{b.op("axis", {}, {{"value", along}}, {scalar})};
    Value *place =
        b.op("axis", {}, {{"value", along}}, {Type::scalar(Elem::I32)});
    return std::vector{b.op("cast", {place}, {}, {scalar})};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::Int, true, "The axis along which the elements count."}};

static constexpr std::string_view examples[] = {
    R"(
func @example() {
  %y = iota {axis = 1} : i32[2, T]
  %z = iota {axis = 0} : f32[T]
  return %y, %z
}
)"};

extern const OpDef op_iota;
const OpDef op_iota = {
    .name = "iota",
    .doc = "Counts 0, 1, 2, ... along an axis. The result type is stated.",
    .kind = OpKind::Indexing,
    .stages = Graph,
    .operands = {0, 0},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
