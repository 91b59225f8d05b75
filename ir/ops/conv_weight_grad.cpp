#include "ir/conv_rules.h"

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  return rules::convGradient(op, stated, false);
}

static void gradient(GradientContext &c) {
  if (c.wants(0))
    c.give(0, c.builder.op("conv_input_grad", {c.operand(1), c.cotangent()},
                           c.op.attrs, {c.operand(0)->type()}));
  if (c.wants(1))
    c.give(1, c.builder.op("conv", {c.operand(0), c.cotangent()}, c.op.attrs));
}

static Dim multiplyAdds(const Op &op) {
  return rules::multiplyAdds(op.result()->type(), op.operand(1)->type());
}

static void evaluate(EvaluationContext &c) {
  const Tensor &x = *c.operands[0], &y = *c.operands[1];
  Tensor &w = c.results[0];
  rules::ConvShape shape(c.op, c.op.operand(0)->type(), c.op.result()->type());
  rules::forEachProduct(c, shape, x, w, y,
                        [&](int64_t i, int64_t j, int64_t k) {
                          w.data[j] += x.data[i] * y.data[k];
                        });
}

/// Summed over the batch, rows, columns.
static void lower(LoweringContext &c) {
  rules::ConvShape shape(c.op, c.operand(0)->type(), c.op.result()->type());
  rules::ConvNest nest(shape);
  rules::lowerConv(c,
                   rules::joined({nest.group, nest.out, nest.in, nest.kernel}),
                   rules::joined({nest.batch, nest.place}),
                   {c.operand(0), nest.x, nest.fill}, {c.operand(1), nest.y},
                   {c.op.result()->type(), nest.w});
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: f32[B, 4, 5, 6], %y: f32[B, 6, 3, 6]) {
  %w = conv_weight_grad %x, %y {strides = [2, 1], padding_low = [1, 0], padding_high = [1, 2], dilations = [1, 2], groups = 2} : f32[6, 2, 3, 2]
  return %w
}
)",
    R"(
func @example_one_axis(%x: f32[2, 2, 8], %y: f32[2, 3, 4]) {
  %w = conv_weight_grad %x, %y {strides = [3], padding_low = [2], padding_high = [1], dilations = [1], groups = 1} : f32[3, 2, 2]
  return %w
}
)",
    R"(
func @example_three_axes(%x: f32[B, 2, 3, 3, 4], %y: f32[B, 2, 3, 1, 3]) {
  %w = conv_weight_grad %x, %y {strides = [1, 2, 1], padding_low = [0, 1, 1], padding_high = [1, 0, 0], dilations = [1, 1, 2], groups = 1} : f32[2, 2, 2, 3, 2]
  return %w
}
)"};

extern const OpDef op_conv_weight_grad;
const OpDef op_conv_weight_grad = {
    .name = "conv_weight_grad",
    .doc = "From x and the derivative by y the derivative by w of `y = conv(x, "
           "w)`, whose "
           "type is stated.",
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
