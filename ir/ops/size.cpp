#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &, std::span<const Type> stated) {
  if (stated.size() != 1 || !stated[0].isScalar() ||
      stated[0].elem() == Elem::Bool)
    return Inference::fail("the result type must be stated, a scalar number");
  return stated[0];
}

static void evaluate(EvaluationContext &c) {
  c.results[0].data[0] = static_cast<double>(c.dim(c.op.attr("value").asDim()));
}

static void lower(LoweringContext &c) {
  const Type &type = c.op.result()->type();
  NestSpec spec;
  spec.results = {{type, {}}};
  spec.body = [&](Builder &b, std::span<Value *const>) {
    return std::vector{b.op("size", {}, c.op.attrs, {type})};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

static constexpr AttrSpec attrs[] = {
    {"value", AttrForm::Dim, true, "The size, over size symbols."}};

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, T]) {
  %y = size {value = B*T} : f32
  %z = size {value = 2*T + 1} : i32
  return %y, %z
}
)"};

extern const OpDef op_size;
const OpDef op_size = {
    .name = "size",
    .doc = "A size as a number. Its type is stated.",
    .kind = OpKind::Structural,
    .stages = Graph | Kernels | Loops,
    .operands = {0, 0},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
