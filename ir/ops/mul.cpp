#include "ir/op_rules.h"
#include "ir/wrapping.h"

namespace nnc {

static void gradient(GradientContext &c) {
  if (c.wants(0))
    c.give(0, c.builder.op("mul", {c.cotangent(), c.operand(1)}));
  if (c.wants(1))
    c.give(1, c.builder.op("mul", {c.cotangent(), c.operand(0)}));
}

static void evaluate(EvaluationContext &c) {
  Elem elem = c.results[0].elem;
  rules::evaluateBinary(
      c, [elem](double a, double b) { return product(elem, a, b); });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f32[B, 3], %b: f32[B, 3]) {
  %y = mul %a, %b : f32[B, 3]
  return %y
}
)"};

extern const OpDef op_mul;
const OpDef op_mul = {
    .name = "mul",
    .doc = "The product, element by element.",
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
