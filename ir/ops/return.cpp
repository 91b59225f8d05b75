#include "ir/op_rules.h"

namespace nnc {

extern const OpDef op_return;
const OpDef op_return = {
    .name = "return",
    .doc = "Ends a function and gives its results.",
    .kind = OpKind::Structural,
    .stages = Graph | Kernels | Loops,
    .effect = Effect::Keep,
    .operands = {0, -1},
    .shape = rules::noResults,
    .gradient = "it ends a function",
    .evaluate = "it ends a function",
    .lower = "it is at every stage",
    .examples = {},
};

} // namespace nnc
