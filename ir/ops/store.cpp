#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &value = op.operand(0)->type(), &to = op.operand(1)->type();
  if (!to.isBuffer() || value.isBuffer() || value.rank() != 0 ||
      value.elem() != to.elem())
    return Inference::fail("a scalar or a vector goes to a buffer of its "
                           "element type");
  if (static_cast<int64_t>(op.attr("index").asList().size()) != to.rank())
    return Inference::fail("index does not fit the rank of the buffer");
  return std::vector<Type>();
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
    .evaluate = rules::worksOnMemory,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
