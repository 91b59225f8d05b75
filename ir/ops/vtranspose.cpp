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

extern const OpDef op_vtranspose;
const OpDef op_vtranspose = {
    .name = "vtranspose",
    .doc = "Lane j of result i is lane i of operand j.",
    .kind = OpKind::Special,
    .stages = Loops,
    .operands = {2, -1},
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = rules::worksOnMemory,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
