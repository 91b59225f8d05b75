#include "ir/op_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  if (c.team().inTurn())
    return c.stop("barrier: it stands in a parallel loop");
  c.barrier();
}

extern const OpDef op_barrier;
const OpDef op_barrier = {
    .name = "barrier",
    .doc = "Waits for all threads of the team.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {0, 0},
    .shape = rules::noResults,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
