#include "ir/op_rules.h"

#include <algorithm>

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &type = op.operand(0)->type();
  if (!type.isVector())
    return Inference::fail("the operand must be a vector");
  std::vector<int64_t> from = op.attr("from").asInts();
  if (static_cast<int64_t>(from.size()) != type.lanes() ||
      std::any_of(from.begin(), from.end(), [&](int64_t lane) {
        return lane < 0 || lane >= type.lanes();
      }))
    return Inference::fail("from must name a lane for each lane");
  return type;
}

static void evaluate(EvaluationContext &c) {
  std::vector<int64_t> from = c.op.attr("from").asInts();
  for (size_t lane = 0; lane < from.size(); ++lane)
    c.results[0].set(static_cast<int64_t>(lane),
                     c.operands[0]->element(from[lane]));
}

static constexpr AttrSpec attrs[] = {
    {"from", AttrForm::Ints, true, "For each lane the one that comes there."},
};

extern const OpDef op_vshuffle;
const OpDef op_vshuffle = {
    .name = "vshuffle",
    .doc = "The lanes of a vector in another order; one may come several "
           "times.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::None,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = shape,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
