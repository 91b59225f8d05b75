#include "ir/op_rules.h"

namespace nnc {

static void lower(LoweringContext &c) { c.replace(0, c.operand(0)); }

static void evaluate(EvaluationContext &c) {
  c.results[0].data = c.operands[0]->data;
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = stop_gradient %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_stop_gradient;
const OpDef op_stop_gradient = {
    .name = "stop_gradient",
    .doc = "The operand, which counts as a constant in derivatives.",
    .kind = OpKind::Elementwise,
    .stages = Graph,
    .operands = {1, 1},
    .shape = rules::sameAny,
    .gradient = rules::zeroGradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
