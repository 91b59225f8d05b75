#include "ir/op_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  const Type &y = op.operand(0)->type();
  if (!y.isScalar() || !isFloat(y.elem()))
    return Inference::fail("what is differentiated must be a float scalar, and "
                           "is " +
                           y.str());
  std::vector<Type> types;
  for (int64_t i = 1; i < op.operandCount(); ++i) {
    types.push_back(op.operand(i)->type());
    if (!types.back().isTensor() || !isFloat(types.back().elem()))
      return Inference::fail("there is no derivative by " + types.back().str());
  }
  return types;
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: f32[B, 3], %w: f32[3]) {
  %p = broadcast %w {axes = [1]} : f32[B, 3]
  %q = mul %x, %p : f32[B, 3]
  %s = sin %q : f32[B, 3]
  %y = sum %s {axes = [0, 1]} : f32
  %dx, %dw = gradient %y, %x, %w : f32[B, 3], f32[3]
  %n = mul %dw, %dw : f32[3]
  %z = sum %n {axes = [0]} : f32
  %d2 = gradient %z, %x : f32[B, 3]
  return %dx, %dw, %d2
}
)"};

extern const OpDef op_gradient;
const OpDef op_gradient = {
    .name = "gradient",
    .doc = "The derivatives of the scalar that is the first operand by each of "
           "the others, which are taken as independent.",
    .kind = OpKind::Structural,
    .stages = Graph,
    .operands = {2, -1},
    .shape = shape,
    .gradient = "it is expanded before what uses it is differentiated",
    .evaluate = "it is expanded by the pass differentiate",
    .lower = "it is expanded by the pass differentiate",
    .examples = examples,
};

} // namespace nnc
