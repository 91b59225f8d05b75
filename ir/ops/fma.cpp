#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  if (type.isBuffer() || !isFloat(type.elem()) ||
      !(type == op.operand(1)->type()) || !(type == op.operand(2)->type()))
    return Inference::fail("three numbers or vectors of one float type");
  return type;
}

static void evaluate(EvaluationContext &c) {
  const std::vector<double> &x = c.operands[0]->data, &y = c.operands[1]->data,
                            &z = c.operands[2]->data;
  for (size_t i = 0; i < x.size(); ++i)
    c.results[0].data[i] = x[i] * y[i] + z[i];
}

extern const OpDef op_fma;
const OpDef op_fma = {
    .name = "fma",
    .doc = "The product of the first two operands, added to the third. Rounds "
           "once where the machine has an instruction for it, else twice.",
    .kind = OpKind::Special,
    .stages = Loops,
    .operands = {3, 3},
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
