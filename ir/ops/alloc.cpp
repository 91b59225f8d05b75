#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &, std::span<const Type> stated) {
  if (stated.size() != 1 || !stated[0].isBuffer())
    return Inference::fail("the result must be a buffer");
  return stated[0];
}

static constexpr AttrSpec attrs[] = {
    {"offset", AttrForm::Dim, true,
     "Where it starts, in bytes; a multiple of 64."},
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
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = rules::worksOnMemory,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
