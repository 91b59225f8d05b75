#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  const Type &from = op.operand(0)->type();
  if (stated.size() != 1 || !stated[0].isBuffer() || !from.isBuffer() ||
      stated[0].elem() != from.elem() ||
      !(elementCount(stated[0].shape()) == elementCount(from.shape())))
    return Inference::fail("operand and result must be buffers of equally "
                           "many elements of one type");
  return stated[0];
}

static void evaluate(EvaluationContext &c) {
  c.giveMemory(c.memory(0).withShape(c.extents(c.op.result()->type().shape())));
}

extern const OpDef op_view;
const OpDef op_view = {
    .name = "view",
    .doc = "The same memory with another shape of as many elements.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::None,
    .operands = {1, 1},
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
