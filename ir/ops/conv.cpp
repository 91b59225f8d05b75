#include "ir/conv_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type>) {
  return rules::ConvShape(op, op.operand(0)->type(), op.operand(1)->type())
      .result();
}

static void gradient(GradientContext &c) {
  if (c.wants(0))
    c.give(0, c.builder.op("conv_input_grad", {c.cotangent(), c.operand(1)},
                           c.op.attrs, {c.operand(0)->type()}));
  if (c.wants(1))
    c.give(1, c.builder.op("conv_weight_grad", {c.operand(0), c.cotangent()},
                           c.op.attrs, {c.operand(1)->type()}));
}

static Dim multiplyAdds(const Op &op) {
  return rules::multiplyAdds(op.operand(1)->type(), op.result()->type());
}

static void evaluate(EvaluationContext &c) {
  const Tensor &x = *c.operands[0], &w = *c.operands[1];
  Tensor &y = c.results[0];
  rules::ConvShape shape(c.op, c.op.operand(0)->type(),
                         c.op.operand(1)->type());
  rules::forEachProduct(c, shape, x, w, y,
                        [&](int64_t i, int64_t j, int64_t k) {
                          y.data[k] += x.data[i] * w.data[j];
                        });
}

/// Summed in the order in which a kernel stands in memory: over channels of the
/// group, kernel rows, kernel columns.
static void lower(LoweringContext &c) {
  rules::ConvShape shape(c.op, c.operand(0)->type(), c.operand(1)->type());
  rules::ConvNest nest(shape);
  rules::lowerConv(
      c, rules::joined({nest.batch, nest.group, nest.out, nest.place}),
      rules::joined({nest.in, nest.kernel}), {c.operand(0), nest.x, nest.fill},
      {c.operand(1), nest.w}, {c.op.result()->type(), nest.y});
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: f32[B, 4, 5, 6], %w: f32[6, 2, 3, 2]) {
  %y = conv %x, %w {strides = [2, 1], padding_low = [1, 0], padding_high = [1, 2], dilations = [1, 2], groups = 2} : f32[B, 6, 3, 6]
  return %y
}
)",
    R"(
func @example_one_axis(%x: f32[2, 2, T], %w: f32[3, 2, 2]) {
  %y = conv %x, %w {strides = [3], padding_low = [2], padding_high = [1], dilations = [1], groups = 1} : f32[2, 3, floor((T + 1)/3) + 1]
  return %y
}
)",
    R"(
func @example_pointwise(%x: f32[B, 3, 2, 2], %w: f32[2, 3, 1, 1]) {
  %y = conv %x, %w {strides = [1, 1], padding_low = [0, 0], padding_high = [0, 0], dilations = [1, 1], groups = 1} : f32[B, 2, 2, 2]
  return %y
}
)",
    R"(
func @example_three_axes(%x: f32[B, 4, 3, 3, 4], %w: f32[2, 2, 2, 3, 2]) {
  %y = conv %x, %w {strides = [1, 2, 1], padding_low = [0, 1, 1], padding_high = [1, 0, 0], dilations = [1, 1, 2], groups = 2} : f32[B, 2, 3, 1, 3]
  return %y
}
)"};

extern const OpDef op_conv;
const OpDef op_conv = {
    .name = "conv",
    .doc = "The convolution of x `[B, C, spatial...]` with w `[O, C/groups, "
           "kernel...]`, "
           "with one to three spatial axes. The kernel is not turned round.",
    .kind = OpKind::Contraction,
    .stages = Graph,
    .operands = {2, 2},
    .attrs = rules::convAttrs,
    .shape = shape,
    .gradient = gradient,
    .evaluate = evaluate,
    .lower = lower,
    .multiplyAdds = multiplyAdds,
    .examples = examples,
};

} // namespace nnc
