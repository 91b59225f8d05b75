#include "ir/op_rules.h"

namespace nnc {

extern const OpDef op_yield;
const OpDef op_yield = {
    .name = "yield",
    .doc = "Ends a region and hands on its values.",
    .kind = OpKind::Structural,
    .stages = Graph | Kernels | Loops,
    .effect = Effect::Keep,
    .operands = {0, -1},
    .shape = rules::noResults,
    .gradient = "it ends a region",
    .evaluate = "it ends a region",
    .lower = "it is at every stage",
    .examples = {},
};

} // namespace nnc
