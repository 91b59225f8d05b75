#include "ir/memory_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  if (stated.size() != 1)
    return Inference::fail("the result type must be stated");
  if (const Attr *step = op.findAttr("step");
      step && (step->asInt() < 1 || step->asInt() > 4))
    return Inference::fail("the step is not from 1 to 4");
  std::string error = rules::checkAccess(op, op.operand(0)->type(), stated[0]);
  return error.empty() ? stated[0] : Inference::fail(error);
}

static void evaluate(EvaluationContext &c) {
  const Attr *fill = c.op.findAttr("fill");
  const Extents &shape = c.memory(0).shape();
  auto liesInside = [&](const Extents &index) {
    for (size_t axis = 0; axis < index.size(); ++axis)
      if (index[axis] < 0 || index[axis] >= shape[axis])
        return false;
    return true;
  };
  rules::forEachLane(
      c, c.op.result()->type(), [&](int64_t lane, const Extents &index) {
        if (fill && !liesInside(index))
          c.results[0].data[lane] = fill->asFloat();
        else if (std::optional<int64_t> place = c.place(0, index))
          c.results[0].set(lane, c.read(0, *place));
      });
}

static constexpr AttrSpec attrs[] = {
    {"index", AttrForm::Dims, true, "An index expression for each axis."},
    {"count", AttrForm::Dim, false,
     "How many lanes are loaded; the others are 0."},
    {"step", AttrForm::Int, false,
     "From lane to lane, 1 to 4 elements; 1 if not given."},
    {"fill", AttrForm::Float, false,
     "If given, the index may lie outside, and this is loaded there."},
};

extern const OpDef op_load;
const OpDef op_load = {
    .name = "load",
    .doc = "An element of a buffer, or several along its last axis if the "
           "result is a vector: the neighbouring ones, or every `step`-th.",
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
