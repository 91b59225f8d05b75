#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &which = op.operand(0)->type(), &type = op.operand(1)->type();
  if (type.isBuffer() || !(type == op.operand(2)->type()))
    return Inference::fail("the values have types " + type.str() + " and " +
                           op.operand(2)->type().str());
  if (!(which == type.withElem(Elem::Bool)))
    return Inference::fail("the condition has type " + which.str() +
                           " and the values " + type.str());
  return type;
}

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  Value *which = c.operand(0), *zero = b.constant(0, c.result()->type());
  if (c.wants(1))
    c.give(1, b.op("select", {which, c.cotangent(), zero}));
  if (c.wants(2))
    c.give(2, b.op("select", {which, zero, c.cotangent()}));
}

static void evaluate(EvaluationContext &c) {
  for (int64_t i = 0; i < c.results[0].size(); ++i)
    c.results[0].data[i] =
        c.operands[c.operands[0]->data[i] != 0 ? 1 : 2]->data[i];
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%c: bool[B, 3], %a: f32[B, 3], %b: f32[B, 3]) {
  %y = select %c, %a, %b : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_select;
const OpDef op_select = {
    .name = "select",
    .doc =
        "The second operand where the first, a bool, is true, else the third.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {3, 3},
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
