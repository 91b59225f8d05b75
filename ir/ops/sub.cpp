#include "ir/op_rules.h"

namespace nnc {

static void gradient(GradientContext &c) {
  c.give(0, c.cotangent());
  if (c.wants(1))
    c.give(1, c.builder.op("neg", {c.cotangent()}));
}

static void evaluate(EvaluationContext &c) {
  rules::evaluateBinary(c, [](double a, double b) { return a - b; });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 3]) {
  %y = sub %a, %b : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_sub;
const OpDef op_sub = {
    .name = "sub",
    .doc = "The difference, element by element.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {2, 2},
    .shape = rules::sameNumber,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
