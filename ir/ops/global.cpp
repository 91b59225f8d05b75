#include "ir/error_bound.h"
#include "ir/memory_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  Inference result = rules::buffer(op, stated);
  const Attr &value = op.attr("value");
  if (!result.ok() || value.getIf<double>())
    return result;
  const DenseData *dense = value.getIf<DenseData>();
  if (!dense)
    return Inference::fail("value must be a float or dense[...]");
  auto count = static_cast<int64_t>((*dense)->size());
  if (!elementCount(stated[0].shape()).isConstant(count))
    return Inference::fail("value has " + std::to_string(count) +
                           " elements, which does not fit " + stated[0].str());
  return result;
}

static void evaluate(EvaluationContext &c) {
  Memory memory(Memory::Constant, c.extents(c.op.result()->type().shape()),
                c.team());
  const Attr &value = c.op.attr("value");
  for (int64_t i = 0; i < memory.size(); ++i) {
    double element =
        value.getIf<double>() ? value.asFloat() : (*value.get<DenseData>())[i];
    memory.set(i, {element, representationBound(element)});
  }
  c.giveMemory(std::move(memory));
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
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
