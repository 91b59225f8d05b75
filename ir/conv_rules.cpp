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
      x.rank() > 5)
    return Inference::fail("the input and the weights must be floats with one "
                           "to three spatial axes, and are " +
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
    Dim p = addAxis(place, placeNames[i], sizes[i + 2]);
    Dim k = addAxis(kernel, kernelNames[i], shape.w.dim(i + 2));
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
  int64_t groups = c.dim(shape.groups);
  int64_t outs = w.shape[0] / groups, ins = w.shape[1];
  size_t spatial = static_cast<size_t>(shape.spatialAxes());
  auto index = [](const Tensor &t, const Extents &at) {
    int64_t result = 0;
    for (size_t i = 0; i < at.size(); ++i)
      result = result * t.shape[i] + at[i];
    return result;
  };
  if (w.size() == 0 || y.size() == 0)
    return;
  // A place in y is [b, o, p...]; a tap is [c, r...].
  Extents outer = y.shape, inner(w.shape.begin() + 1, w.shape.end());
  Extents at(outer.size(), 0), inX(outer.size()), inW(outer.size());
  do {
    Extents tap(inner.size(), 0);
    do {
      bool isInside = true;
      for (size_t i = 0; i < spatial; ++i) {
        inX[i + 2] = at[i + 2] * shape.strides[i] +
                     tap[i + 1] * shape.dilations[i] - shape.low[i];
        inW[i + 2] = tap[i + 1];
        isInside &= inX[i + 2] >= 0 && inX[i + 2] < x.shape[i + 2];
      }
      if (!isInside)
        continue;
      inX[0] = at[0];
      inX[1] = at[1] / outs * ins + tap[0];
      inW[0] = at[1];
      inW[1] = tap[0];
      visit(index(x, inX), index(w, inW), index(y, at));
    } while (advance(tap, inner));
  } while (advance(at, outer));
}

} // namespace nnc::rules
