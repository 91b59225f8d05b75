#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  std::vector<Type> types;
  for (Value *operand : op.operands())
    types.push_back(operand->type());
  return types;
}

static std::string verifyRegions(const Op &op) {
  if (op.attr("step").asInt() < 1)
    return "step must be at least 1";
  const Block &body = op.region();
  if (body.argumentCount() != op.operandCount() ||
      body.terminator()->operandCount() != op.operandCount())
    return "the body must take and yield each carried value";
  for (int64_t i = 0; i < op.operandCount(); ++i)
    if (!(body.argument(i)->type() == op.operand(i)->type()) ||
        !(body.terminator()->operand(i)->type() == op.operand(i)->type()))
      return "carried value " + std::to_string(i) + " changes its type";
  return "";
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::String, true, "The name of the index in the body."},
    {"from", AttrForm::Dim, true, "The first index."},
    {"to", AttrForm::Dim, true, "Not reached."},
    {"step", AttrForm::Int, true, "At least 1."},
    {"reverse", AttrForm::Bool, false,
     "Takes the turns in the opposite order."},
    {"parallel", AttrForm::Bool, false, "Turns are independent."},
};

extern const OpDef op_for;
const OpDef op_for = {
    .name = "for",
    .doc = "Runs its body for axis = from, from + step, ... below to. The "
           "operands are the first values that it carries; the body's "
           "arguments are the carried values, `yield` gives the next ones, and "
           "the results are the last ones. A parallel loop carries nothing, "
           "and the team's threads share its turns.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Memory,
    .operands = {0, -1},
    .attrs = attrs,
    .regions = 1,
    .captures = true,
    .shape = shape,
    .verifyRegions = verifyRegions,
    .gradient = rules::afterDifferentiation,
    .evaluate = rules::worksOnMemory,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
