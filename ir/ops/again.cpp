#include "ir/op_rules.h"

namespace nnc {

static void gradient(GradientContext &c) { c.give(0, c.cotangent()); }

static void evaluate(EvaluationContext &c) {
  c.results[0].data = c.operands[0]->data;
}

/// The op stays: another name for the same memory.
static void lower(LoweringContext &) {}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %h = tanh %a : f32[B, 3]
  %s = sum %h {axes = [0]} : f32[3]
  %b = again %a : f32[B, 3]
  %k = tanh %b : f32[B, 3]
  %t = broadcast %s {axes = [1]} : f32[B, 3]
  %y = mul %k, %t : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_again;
const OpDef op_again = {
    .name = "again",
    .doc = "The operand, for ops that compute from it what others have "
           "computed: no pass takes these for the same and keeps the first "
           "ones' results. `recompute` and `recompute-scores` make it.",
    .kind = OpKind::Indexing,
    .stages = Graph | Kernels,
    .operands = {1, 1},
    .shape = rules::sameAny,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 0,
    .lower = lower,
    .examples = examples,
};

} // namespace nnc
