#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &buffer = op.operand(0)->type();
  if (!buffer.isBuffer() || !isFloat(buffer.elem()))
    return Inference::fail("a trace looks at a buffer of floats");
  return std::vector<Type>();
}

static constexpr AttrSpec attrs[] = {
    {"text", AttrForm::String, true, "What may have made them, by line."},
};

/// It shows what it finds and changes nothing.
static void evaluate(EvaluationContext &) {}

extern const OpDef op_trace;
const OpDef op_trace = {
    .name = "trace",
    .doc = "While the runtime looks for the first NaN or infinity: whether the "
           "buffer holds one.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
