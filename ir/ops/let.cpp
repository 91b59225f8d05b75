#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void evaluate(EvaluationContext &c) {
  double index = c.operands[0]->data[0];
  int64_t size = c.dim(c.op.attr("size").asDim());
  if (!(index >= 0 && index < static_cast<double>(size)))
    return c.stop(
        "index " +
        (std::isnan(index) ? "that was never written"
                           : std::to_string(static_cast<int64_t>(index))) +
        " is out of range for an axis of size " + std::to_string(size));
  c.bind(c.op.attr("axis").asString(), static_cast<int64_t>(index));
}

static constexpr AttrSpec attrs[] = {
    {"axis", AttrForm::String, true, "The symbol."},
    {"size", AttrForm::Dim, true, "The size of the axis that it indexes."},
};

extern const OpDef op_let;
const OpDef op_let = {
    .name = "let",
    .doc = "Names an index symbol after an integer from here to the end of the "
           "block. Stops the program unless 0 <= value < size.",
    .kind = OpKind::Special,
    .stages = Loops,
    .effect = Effect::Keep,
    .operands = {1, 1},
    .attrs = attrs,
    .shape = rules::noResults,
    .gradient = rules::afterDifferentiation,
    .evaluate = evaluate,
    .lower = rules::isLowered,
    .examples = {},
};

} // namespace nnc
