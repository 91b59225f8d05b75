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

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 2, 3]) {
  %y = reshape %a : f32[2*B, 3]
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
    .lower = "it stays: another name for the same memory",
    .examples = examples,
};

} // namespace nnc
