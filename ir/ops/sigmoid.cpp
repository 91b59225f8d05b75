#include "ir/op_rules.h"

#include <cmath>

namespace nnc {

static void gradient(GradientContext &c) {
  // y' = y * (1 - y)
  Builder &b = c.builder;
  Value *y = c.result(), *one = b.constant(1, y->type());
  Value *slope = b.op("mul", {y, b.op("sub", {one, y})});
  c.give(0, b.op("mul", {c.cotangent(), slope}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateUnary(c, [](double a) { return 1 / (1 + std::exp(-a)); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3]) {
  %y = sigmoid %a : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_sigmoid;
const OpDef op_sigmoid = {
    .name = "sigmoid",
    .doc = "The logistic function, 1 / (1 + exp(-a)).",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = rules::sameFloat,
    .gradient = gradient,
    .evaluate = evaluate,
    .rounding = 4,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
