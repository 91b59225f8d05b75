#include "ir/memory_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  std::string error =
      rules::checkAccess(op, op.operand(1)->type(), op.operand(0)->type());
  return error.empty() ? std::vector<Type>() : Inference::fail(error);
}

static void evaluate(EvaluationContext &c) {
  rules::forEachLane(c, c.op.operand(0)->type(),
                     [&](int64_t lane, const Extents &index) {
                       if (std::optional<int64_t> place = c.place(1, index))
                         c.write(1, *place, c.operands[0]->element(lane));
                     });
}

static constexpr AttrSpec attrs[] = {
    {"index", AttrForm::Dims, true, "An index expression for each axis."},
    {"count", AttrForm::Dim, false, "How many lanes are stored."},
};

extern const OpDef op_store;
const OpDef op_store = {
    .name = "store",
    .doc = "Writes a scalar, or a vector to neighbouring elements along the "
           "last axis.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {2, 2},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
