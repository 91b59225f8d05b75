#include "ir/op_rules.h"

namespace nnc {

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::String, true, "The symbol."},
    {"size", AttrForm::Dim, true, "The size of the axis that it indexes."},
};

extern const OpDef op_let;
const OpDef op_let = {
    .name = "let",
    .doc = "Names an index symbol after an integer from here to the end of the "
           "block. Stops the program unless 0 <= value < size.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Keep,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = rules::noResults,
    .gradient = rules::afterDifferentiation,
    .evaluate = rules::worksOnMemory,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
