#include "ir/op_rules.h"

#include <algorithm>
#include <cmath>

namespace nnc {

static Inference shape(const Op &, std::span<const Type> stated) {
  if (stated.size() != 1 || !stated[0].isTensor())
    return Inference::fail("the result type must be stated");
  return stated[0];
}

/// Not a number, so that a use before all is written shows.
static void evaluate(EvaluationContext &c) {
  std::fill(c.results[0].data.begin(), c.results[0].data.end(), std::nan(""));
}

static constexpr std::string_view examples[] = {
    R"(
func @example() {
  %y = empty : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_empty;
const OpDef op_empty = {
    .name = "empty",
    .doc = "A tensor whose elements are not specified, for nests to fill. Its "
           "type is "
           "stated.",
    .kind = OpKind::Structural,
    .stages = Graph | Kernels,
    .operands = {0, 0},
    .shape = shape,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .lower = "it is at every stage",
    .examples = examples,
};

} // namespace nnc
