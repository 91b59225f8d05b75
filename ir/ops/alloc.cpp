#include "ir/memory_rules.h"

namespace nnc {

static void evaluate(EvaluationContext &c) {
  c.giveScratch(c.dim(c.op.attr("offset").asDim()), c.op.findAttr("held"));
}

static constexpr AttrSpec attrs[] = {
    {"offset", AttrForm::Dim, true,
     "Where it starts, in bytes; a multiple of 64."},
    {"held", AttrForm::Bool, false,
     "It is kept beyond barriers, until other held memory takes its place."},
};

extern const OpDef op_alloc;
const OpDef op_alloc = {
    .name = "alloc",
    .doc = "Scratch memory of the thread, for as long as the kernel runs.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::None,
    .operands = {0, 0},
    .attrs = attrs,
    .shape = rules::buffer,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
