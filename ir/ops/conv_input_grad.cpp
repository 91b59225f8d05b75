#include "ir/conv_rules.h"

#include <algorithm>
#include <numeric>

namespace nnc {

static Inference shape(const Op &op, std::span<const Type> stated) {
  return rules::convGradient(op, stated, true);
}

static void gradient(GradientContext &c) {
  if (c.wants(0))
    c.give(0, c.builder.op("conv", {c.cotangent(), c.operand(1)}, c.op.attrs));
  if (c.wants(1))
    c.give(1, c.builder.op("conv_weight_grad", {c.cotangent(), c.operand(0)},
                           c.op.attrs, {c.operand(1)->type()}));
}

static Dim multiplyAdds(const Op &op) {
  return rules::multiplyAdds(op.operand(1)->type(), op.operand(0)->type());
}

static void evaluate(EvaluationContext &c) {
  const Tensor &y = *c.operands[0], &w = *c.operands[1];
  Tensor &x = c.results[0];
  rules::ConvShape shape(c.op, c.op.result()->type(), c.op.operand(1)->type());
  rules::forEachProduct(c, shape, x, w, y,
                        [&](int64_t i, int64_t j, int64_t k) {
                          x.data[i] += y.data[k] * w.data[j];
                        });
}

namespace {

/// The places s*q + u of one spatial axis of x, for one u. What reaches them
/// are the kernel elements r with u + low - r*d divisible by the stride s:
/// none, or r = first + step*j, which stands for the place
/// q + shift - advance*j of y.
struct Phase {
  int64_t u, first, step, shift, advance;
  Dim taps, places;
  bool isReached;

  Phase(const rules::ConvShape &shape, int64_t axis, int64_t u) : u(u) {
    int64_t s = shape.strides[axis], d = shape.dilations[axis];
    int64_t from = u + shape.low[axis], common = std::gcd(s, d);
    step = s / common;
    advance = d / common;
    for (first = 0; first < step && (from - first * d) % s != 0;)
      ++first;
    shift = (from - first * d) / s;
    taps = (shape.w.dim(axis + 2) - first).ceilDiv(step);
    places = (shape.x.dim(axis + 2) - u).ceilDiv(s);
    isReached = first < step && !taps.isConstant(0);
  }
};

} // namespace

static std::vector<std::vector<Phase>> phasesOf(const rules::ConvShape &shape) {
  std::vector<std::vector<Phase>> product = {{}};
  for (int64_t axis = 0; axis < shape.spatialAxes(); ++axis) {
    std::vector<std::vector<Phase>> longer;
    for (const std::vector<Phase> &phases : product)
      for (int64_t u = 0; u < shape.strides[axis]; ++u) {
        longer.push_back(phases);
        longer.back().emplace_back(shape, axis, u);
      }
    product = std::move(longer);
  }
  return product;
}

/// One nest, for the places of one phase, summed in the order in which the
/// kernel stands in memory: over output channels of the group, kernel rows,
/// kernel columns.
static NestSpec phaseNest(LoweringContext &c, const rules::ConvShape &shape,
                          const std::vector<Phase> &phases) {
  rules::ConvNest nest(shape);
  rules::ConvNest::Axes places, taps;
  Shape x = {nest.x[0], nest.x[1]}, w = {nest.w[0], nest.w[1]};
  Shape y = {nest.y[0], nest.y[1]};
  for (size_t i = 0; i < phases.size(); ++i) {
    const Phase &phase = phases[i];
    Dim q = rules::addAxis(places, rules::placeNames[i], phase.places);
    Dim j = rules::addAxis(taps, rules::kernelNames[i], phase.taps);
    x.push_back(q * shape.strides[i] + phase.u);
    w.push_back(phase.first + j * phase.step);
    y.push_back(q + phase.shift - j * phase.advance);
  }
  NestSpec spec;
  spec.parallel = rules::joined({nest.batch, nest.group, nest.in, places});
  spec.reduce = rules::joined({nest.out, taps});
  if (!spec.reduce.empty())
    spec.combine = "add";
  spec.operands = {{c.operand(0), y, 0.0}, {c.operand(1), w}};
  spec.results = {{c.op.result()->type(), x}};
  spec.body = [](Builder &builder, std::span<Value *const> loaded) {
    return std::vector{builder.op("mul", {loaded[0], loaded[1]})};
  };
  return spec;
}

/// A nest for each phase, and zeros first if some place is never reached.
static void lower(LoweringContext &c) {
  Type type = c.op.result()->type();
  rules::ConvShape shape(c.op, type, c.operand(1)->type());
  std::vector<std::vector<Phase>> phases = phasesOf(shape);
  auto isReached = [](const std::vector<Phase> &each) {
    return std::all_of(each.begin(), each.end(),
                       [](const Phase &phase) { return phase.isReached; });
  };
  Value *result = nullptr;
  if (!std::all_of(phases.begin(), phases.end(), isReached)) {
    NestSpec zeros;
    zeros.parallel = LoweringContext::axesOf(type.shape());
    zeros.results = {{type, LoweringContext::identity(zeros.parallel)}};
    zeros.body = [&](Builder &b, std::span<Value *const>) {
      return std::vector{b.constant(0, Type::scalar(type.elem()))};
    };
    result = c.nest(std::move(zeros))[0];
  } else if (phases.size() > 1) {
    result = c.builder.op("empty", {}, {}, {type});
  }
  for (const std::vector<Phase> &each : phases)
    if (isReached(each)) {
      NestSpec spec = phaseNest(c, shape, each);
      spec.into = result;
      result = c.nest(std::move(spec))[0];
    }
  c.replace(0, result);
}

static constexpr std::string_view examples[] = {
    R"(
func @example(%y: f32[B, 6, 3, 6], %w: f32[6, 2, 3, 2]) {
  %x = conv_input_grad %y, %w {strides = [2, 1], padding_low = [1, 0], padding_high = [1, 2], dilations = [1, 2], groups = 2} : f32[B, 4, 5, 6]
  return %x
}
)",
    R"(
func @example_stride_above_kernel(%y: f32[2, 3, 4], %w: f32[3, 2, 2]) {
  %x = conv_input_grad %y, %w {strides = [3], padding_low = [2], padding_high = [1], dilations = [1], groups = 1} : f32[2, 2, 8]
  return %x
}
)",
    R"(
func @example_dilated(%y: f32[2, 3, 3], %w: f32[3, 2, 3]) {
  %x = conv_input_grad %y, %w {strides = [4], padding_low = [0], padding_high = [0], dilations = [2], groups = 1} : f32[2, 2, 14]
  return %x
}
)",
    R"(
func @example_three_axes(%y: f32[B, 2, 2, 3, 3], %w: f32[2, 3, 2, 1, 2]) {
  %x = conv_input_grad %y, %w {strides = [1, 2, 1], padding_low = [0, 0, 1], padding_high = [1, 0, 0], dilations = [1, 1, 2], groups = 1} : f32[B, 3, 2, 5, 4]
  return %x
}
)"};

extern const OpDef op_conv_input_grad;
const OpDef op_conv_input_grad = {
    .name = "conv_input_grad",
    .doc = "From the derivative by y and w the derivative by x of `y = conv(x, "
           "w)`, whose "
           "type is stated. Also known as transposed convolution.",
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
