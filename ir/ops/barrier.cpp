#include "ir/op_rules.h"

namespace nnc {

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
    .evaluate = rules::worksOnMemory,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
