#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &, std::span<const Type> stated) {
  if (stated.size() != 1 || !stated[0].isBuffer())
    return Inference::fail("the result must be a buffer");
  return stated[0];
}

static constexpr AttrSpec attrs[] = {
    {"value", AttrForm::Any, true,
     "A float for every element, or all elements, row major."},
};

extern const OpDef op_global;
const OpDef op_global = {
    .name = "global",
    .doc = "Constant memory.",
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
