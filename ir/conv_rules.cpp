#include "ir/conv_rules.h"

#include <algorithm>

namespace nnc::rules {

ConvShape::ConvShape(const Op &op, const Type &x, const Type &w)
    : x(x), w(w), strides(op.attr("strides").asInts()),
      low(op.attr("padding_low").asInts()),
      high(op.attr("padding_high").asInts()),
      dilations(op.attr("dilations").asInts()),
      groups(op.attr("groups").asDim()) {}

bool ConvShape::isPadded() const {
  auto some = [](int64_t amount) { return amount != 0; };
  return std::any_of(low.begin(), low.end(), some) ||
         std::any_of(high.begin(), high.end(), some);
}

Inference ConvShape::result() const {
  if (!x.isTensor() || !w.isTensor() || !isFloat(x.elem()) ||
      x.elem() != w.elem() || x.rank() != w.rank() || x.rank() < 3 ||
      x.rank() > 4)
    return Inference::fail("the input and the weights must be floats with one "
                           "or two spatial axes, and are " +
                           x.str() + " and " + w.str());
  size_t spatial = static_cast<size_t>(spatialAxes());
  if (strides.size() != spatial || low.size() != spatial ||
      high.size() != spatial || dilations.size() != spatial)
    return Inference::fail("strides, padding and dilations must have an entry "
                           "for each spatial axis");
  if (!(w.dim(1) * groups == x.dim(1)))
    return Inference::fail("each of " + groups.str() + " groups has " +
                           w.dim(1).str() + " input channels, but there are " +
                           x.dim(1).str());
  if (!w.dim(0).divideExactly(groups))
    return Inference::fail(w.dim(0).str() +
                           " output channels do not divide into " +
                           groups.str() + " groups");
  Shape y = {x.dim(0), w.dim(0)};
  for (size_t i = 0; i < spatial; ++i) {
    if (strides[i] < 1 || dilations[i] < 1 || low[i] < 0 || high[i] < 0)
      return Inference::fail("strides and dilations must be 1 or more, padding "
                             "0 or more");
    Dim room = x.shape()[i + 2] + low[i] + high[i] -
               (w.shape()[i + 2] - 1) * dilations[i] - 1;
    if (room.isConstant() && room.value() < 0)
      return Inference::fail("the window is larger than the padded input");
    y.push_back(room.floorDiv(strides[i]) + 1);
  }
  return x.withShape(y);
}

Inference convGradient(const Op &op, std::span<const Type> stated,
                       bool byInput) {
  if (stated.size() != 1)
    return Inference::fail("the result type must be stated");
  const Type &first = op.operand(0)->type(), &second = op.operand(1)->type();
  const Type &x = byInput ? stated[0] : first;
  const Type &w = byInput ? second : stated[0];
  const Type &y = byInput ? first : second;
  Inference expected = ConvShape(op, x, w).result();
  if (!expected.ok())
    return expected;
  if (!(expected.types[0] == y))
    return Inference::fail("the convolution's result has type " + y.str() +
                           " and must have " + expected.types[0].str());
  return stated[0];
}

Dim addAxis(ConvNest::Axes &axes, const char *name, const Dim &extent) {
  if (extent.isConstant(1))
    return 0;
  axes.push_back({name, extent});
  return Dim::symbol(name);
}

ConvNest::Axes joined(std::initializer_list<ConvNest::Axes> lists) {
  ConvNest::Axes result;
  for (const ConvNest::Axes &list : lists)
    result.insert(result.end(), list.begin(), list.end());
  return result;
}

Dim multiplyAdds(const Type &w, const Type &y) {
  Shape kernel(w.shape().begin() + 1, w.shape().end());
  return elementCount(y.shape()) * elementCount(kernel);
}

ConvNest::ConvNest(const ConvShape &shape) {
  Dim outs = *shape.w.dim(0).divideExactly(shape.groups);
  Dim ins = shape.w.dim(1);
  Dim b = addAxis(batch, "b", shape.x.dim(0));
  Dim g = addAxis(group, "g", shape.groups);
  Dim o = addAxis(out, "o", outs), c = addAxis(in, "c", ins);
  x = {b, g * ins + c};
  w = {g * outs + o, c};
  y = {b, g * outs + o};
  const Shape sizes = shape.result().types[0].shape();
  for (int64_t i = 0; i < shape.spatialAxes(); ++i) {
    Dim p = addAxis(place, i == 0 ? "y" : "x", sizes[i + 2]);
    Dim k = addAxis(kernel, i == 0 ? "r" : "s", shape.w.dim(i + 2));
    x.push_back(p * shape.strides[i] + k * shape.dilations[i] - shape.low[i]);
    w.push_back(k);
    y.push_back(p);
  }
  if (shape.isPadded())
    fill = 0;
}

void lowerConv(LoweringContext &c, ConvNest::Axes parallel,
               ConvNest::Axes reduce, NestOperand a, NestOperand b,
               NestResult result) {
  NestSpec spec;
  spec.parallel = std::move(parallel);
  spec.reduce = std::move(reduce);
  if (!spec.reduce.empty())
    spec.combine = "add";
  spec.operands = {std::move(a), std::move(b)};
  spec.results = {std::move(result)};
  spec.body = [](Builder &builder, std::span<Value *const> loaded) {
    return std::vector{builder.op("mul", {loaded[0], loaded[1]})};
  };
  c.replace(0, c.nest(std::move(spec))[0]);
}

void forEachProduct(
    EvaluationContext &c, const ConvShape &shape, const Tensor &x,
    const Tensor &w, const Tensor &y,
    const std::function<void(int64_t, int64_t, int64_t)> &visit) {
  // One spatial axis is two, the second of size 1.
  auto size = [](const Tensor &t, int64_t i) {
    return t.rank() > i ? t.shape[i] : 1;
  };
  auto entry = [](const std::vector<int64_t> &list, size_t i, int64_t none) {
    return i < list.size() ? list[i] : none;
  };
  int64_t groups = c.dim(shape.groups);
  int64_t outs = w.shape[0] / groups, ins = w.shape[1];
  Extents inner = {size(w, 2), size(w, 3), ins};
  Extents outer = {y.shape[0], y.shape[1], size(y, 2), size(y, 3)};
  if (w.size() == 0 || y.size() == 0)
    return;
  Extents at(4, 0);
  do {
    Extents tap(3, 0);
    do {
      int64_t place[2];
      bool inside = true;
      for (size_t i = 0; i < 2; ++i) {
        place[i] = at[i + 2] * entry(shape.strides, i, 1) +
                   tap[i] * entry(shape.dilations, i, 1) -
                   entry(shape.low, i, 0);
        inside &= place[i] >= 0 && place[i] < size(x, 2 + i);
      }
      if (!inside)
        continue;
      int64_t channel = at[1] / outs * ins + tap[2];
      int64_t inX = ((at[0] * x.shape[1] + channel) * size(x, 2) + place[0]) *
                        size(x, 3) +
                    place[1];
      int64_t inW =
          ((at[1] * ins + tap[2]) * size(w, 2) + tap[0]) * size(w, 3) + tap[1];
      int64_t inY =
          ((at[0] * y.shape[1] + at[1]) * size(y, 2) + at[2]) * size(y, 3) +
          at[3];
      visit(inX, inW, inY);
    } while (advance(tap, inner));
  } while (advance(at, outer));
}

} // namespace nnc::rules
