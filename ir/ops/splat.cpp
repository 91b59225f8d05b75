#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  if (stated.size() != 1 || !stated[0].isVector() ||
      !op.operand(0)->type().isScalar() ||
      stated[0].elem() != op.operand(0)->type().elem())
    return Inference::fail("a scalar becomes a vector of its type");
  return stated[0];
}

static void evaluate(EvaluationContext &c) {
  for (int64_t lane = 0; lane < c.results[0].size(); ++lane)
    c.results[0].set(lane, c.operands[0]->element(0));
}

extern const OpDef op_splat;
const OpDef op_splat = {
    .name = "splat",
    .doc = "A vector with the scalar in every lane.",
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
