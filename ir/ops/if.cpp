#include "ir/op_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  for (const Attr &condition : c.op.attr("conditions").asList())
    if (c.dim(condition.asDim()) < 0)
      return;
  c.run(c.op.region(), {});
}

static constexpr AttrSpec attrs[] = {
    {"conditions", AttrForm::Dims, true, "Index expressions."},
};

extern const OpDef op_if;
const OpDef op_if = {
    .name = "if",
    .doc = "Runs its body if every condition is at least 0.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {0, 0},
    .attrs = attrs,
    .regions = 1,
    .captures = true,
    .shape = rules::noResults,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
