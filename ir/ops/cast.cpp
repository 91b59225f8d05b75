#include "ir/op_rules.h"
#include "ir/wrapping.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  const Type &from = op.operand(0)->type();
  if (stated.size() != 1 || from.isBuffer() ||
      !(stated[0] == from.withElem(stated[0].elem())))
    return Inference::fail("the result type must be stated, with the shape of "
                           "the operand, " +
                           from.str());
  return stated[0];
}

static void gradient(GradientContext &c) {
  const Type &type = c.operand(0)->type();
  c.give(0, c.builder.op("cast", {c.cotangent()}, {}, {type}));
}

static void evaluate(EvaluationContext &c) {
  Elem elem = c.results[0].elem;
  bool saturates = isInteger(elem) && isFloat(c.operands[0]->elem);
  rules::evaluateUnary(c, [&](double a) {
    return saturates ? saturated(elem, a) : convertTo(elem, a);
  });
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%a: f64[B, 3], %i: i32[4]) {
  %y = cast %a : f32[B, 3]
  %z = cast %i : f32[4]
  %b = cast %i : bool[4]
  return %y, %z, %b
}
)"};

extern const OpDef op_cast;
const OpDef op_cast = {
    .name = "cast",
    .doc =
        "Converts to another element type: to bool, whether it is not zero; to "
        "an integer, truncated towards zero, the nearest one that there is, "
        "and 0 of NaN.",
    .kind = OpKind::Elementwise,
    .stages = Graph | Kernels | Loops,
    .operands = {1, 1},
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = rules::lowerElementwise,
    .examples = examples,
};

} // namespace nnc
