#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  for (Value *operand : op.operands())
    if (!(operand->type() == type) || !type.isVector() ||
        type.lanes() != op.operandCount())
      return Inference::fail("there must be as many vectors as each has lanes");
  return std::vector<Type>(op.operandCount(), type);
}

static void evaluate(EvaluationContext &c) {
  int64_t lanes = c.results[0].size();
  for (int64_t i = 0; i < lanes; ++i)
    for (int64_t j = 0; j < lanes; ++j)
      c.results[i].set(j, c.operands[j]->element(i));
}

extern const OpDef op_vtranspose;
const OpDef op_vtranspose = {
    .name = "vtranspose",
    .doc = "Lane j of result i is lane i of operand j.",
    .kind = OpKind::Special,
    .stages = Loops,
    .operands = {2, -1},
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
