#include "ir/op_rules.h"

#include <bit>

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  for (Value *operand : op.operands())
    if (!(operand->type() == type) || !type.isVector())
      return Inference::fail("operands must be vectors of one type");
  if (!std::has_single_bit(static_cast<uint64_t>(op.operandCount())) ||
      type.lanes() % 2)
    return Inference::fail("the number of vectors must be a power of two, and "
                           "that of lanes even");
  return std::vector<Type>(op.operandCount(), type);
}

static void evaluate(EvaluationContext &c) {
  int64_t lanes = c.results[0].size();
  int64_t count = static_cast<int64_t>(c.results.size());
  for (int64_t i = 0; i < count * lanes; ++i)
    c.results[i / lanes].set(i % lanes,
                             c.operands[i % count]->element(i / count));
}

extern const OpDef op_vinterleave;
const OpDef op_vinterleave = {
    .name = "vinterleave",
    .doc = "The lanes of n vectors in turn: the first of each, the second of "
           "each, and so on, as n vectors.",
    .kind = OpKind::Special,
    .stages = Loops,
    .operands = {2, -1},
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
