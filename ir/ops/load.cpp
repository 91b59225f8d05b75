#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  const Type &from = op.operand(0)->type();
  if (!from.isBuffer() || stated.size() != 1 || stated[0].isBuffer() ||
      stated[0].rank() != 0 || stated[0].elem() != from.elem())
    return Inference::fail("a buffer gives a scalar or a vector of its "
                           "element type");
  if (static_cast<int64_t>(op.attr("index").asList().size()) != from.rank())
    return Inference::fail("index does not fit the rank of the buffer");
  return stated[0];
}

static constexpr AttrSpec attrs[] = {
    {"index", AttrForm::Dims, true, "An index expression for each axis."},
    {"count", AttrForm::Dim, false,
     "How many lanes are loaded; the others are 0."},
    {"fill", AttrForm::Float, false,
     "If given, the index may lie outside, and this is loaded there."},
};

extern const OpDef op_load;
const OpDef op_load = {
    .name = "load",
    .doc = "An element of a buffer, or the neighbouring ones along its last "
           "axis if the result is a vector.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = rules::worksOnMemory,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
