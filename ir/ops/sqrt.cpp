#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  Builder &b = c.builder;
  Value *half = b.constant(0.5, c.result()->type());
  c.give(0, b.op("div", {b.op("mul", {c.cotangent(), half}), c.result()}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return std::sqrt(a); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = sqrt %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_sqrt;
const OpDef op_sqrt = {
    .name = "sqrt",
    .doc = "The square root.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = rules::sameFloat,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
