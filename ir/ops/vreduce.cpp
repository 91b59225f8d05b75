#include "ir/error_bound.h"
#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  if (!op.operand(0)->type().isVector())
    return Inference::fail("the operand must be a vector");
  if (!Combination::isKnown(op.attr("combine").asString()))
    return Inference::fail("combine must be add, mul, max or min");
  return Type::scalar(op.operand(0)->type().elem());
}

static void evaluate(EvaluationContext &c) {
  Combination lanes(c.op.attr("combine").asString(), c.results[0].elem);
  for (int64_t lane = 0; lane < c.operands[0]->size(); ++lane)
    lanes.take(c.operands[0]->element(lane));
  c.results[0].set(0, lanes.result());
}

static constexpr AttrSpec attrs[] = {
    {"combine", AttrForm::String, true, "add, mul, max or min."},
};

extern const OpDef op_vreduce;
const OpDef op_vreduce = {
    .name = "vreduce",
    .doc = "Combines the lanes of a vector in a fixed tree: lanes i and i + "
           "n/2 first, then i and i + n/4, and so on.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::None,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
