//===- pooling.cpp: maxpool, avgpool --------------------------------------===//
//
// A window's reduction goes axis by axis, and on each is a chain over strided
// slices, one for each place in the window: y[i] = max over r of x[i*s + r].
// Nothing new is needed to lower or to differentiate it. At a tie the gradient
// goes to the first element. The last axis comes first: the first of the rows
// that hold a maximum, and in it the first place, is the first in reading
// order.
//
//===----------------------------------------------------------------------===//
#include "frontend/builtin_elaborator.h"
#include "frontend/padding.h"

#include <algorithm>
#include <cmath>

namespace nnc {

namespace {

/// One axis of a window, and how it moves.
struct WindowAxis {
  int64_t axis, size, stride;
  Dim low, high, count;
};

} // namespace

/// The elements at each place of the window, combined by `op`.
static Value *reduceWindow(Builder &builder, Value *x, const WindowAxis &window,
                           const char *op, double padding) {
  int64_t rank = x->type().rank();
  if (!window.low.isConstant(0) || !window.high.isConstant(0)) {
    Shape low(rank, Dim(0)), high(rank, Dim(0));
    low[window.axis] = window.low;
    high[window.axis] = window.high;
    x = builder.op(
        "pad", {x},
        {{"low", Attr(low)}, {"high", Attr(high)}, {"value", padding}});
  }
  Shape starts(rank, Dim(0)), sizes = x->type().shape();
  std::vector<int64_t> steps(rank, 1);
  sizes[window.axis] = window.count;
  steps[window.axis] = window.stride;
  Value *result = nullptr;
  for (int64_t place = 0; place < window.size; ++place) {
    starts[window.axis] = place;
    Value *part = builder.op("slice", {x},
                             {{"starts", Attr(starts)},
                              {"sizes", Attr(sizes)},
                              {"steps", Attr::ints(steps)}});
    result = result ? builder.op(op, {result, part}) : part;
  }
  return result;
}

/// One number for all axes, or one for each.
std::optional<std::vector<int64_t>>
BuiltinElaborator::numbersOf(const ast::Arg *arg, size_t count,
                             int64_t standard, int64_t least) {
  std::vector<int64_t> numbers(count, standard);
  if (!arg)
    return numbers;
  const ast::Expr &expr = *arg->item.value;
  std::vector<const ast::Expr *> parts(count, &expr);
  if (auto *list = ast::as<ast::List>(&expr)) {
    if (list->items.size() != count) {
      error(expr.loc, "this needs one number, or " + std::to_string(count) +
                          ", one for each axis");
      return std::nullopt;
    }
    for (size_t i = 0; i < count; ++i)
      parts[i] = list->items[i].get();
  }
  for (size_t i = 0; i < count; ++i) {
    std::optional<Dim> value = dimValue(*parts[i]);
    if (!value)
      return std::nullopt;
    if (!value->isConstant() || value->value() < least ||
        value->value() >= 1 << 20) {
      error(parts[i]->loc, "this must be a number known when compiling, at "
                           "least " +
                               std::to_string(least));
      return std::nullopt;
    }
    numbers[i] = value->value();
  }
  return numbers;
}

Val BuiltinElaborator::pool(const CallSite &site) {
  auto args = arguments(site, {"x", "size", "stride", "pad", "ceil"}, 2);
  if (!args)
    return {};
  Val x = floats(evalArg((*args)[0]), site.name, site.loc);
  if (x.isPoison())
    return x;
  int64_t rank = x.ir->type().rank();
  if (rank < 3 || rank > 5)
    return poison(site.loc, site.name +
                                " needs x[B, C, T], x[B, C, H, W] or "
                                "x[B, C, D, H, W], not " +
                                x.describe());
  size_t spatial = static_cast<size_t>(rank - 2);
  auto sizes = numbersOf((*args)[1], spatial, 1, 1);
  if (!sizes)
    return {};
  auto strides = numbersOf((*args)[2], spatial, 0, 1);
  std::optional<bool> ceil = false;
  if ((*args)[4])
    ceil = condition(*(*args)[4]->item.value);
  if (!strides || !ceil)
    return {};
  PaddingWords padding((*args)[3], spatial);
  auto pads = numbersOf(padding.numbers, padding.count, 0, 0);
  if (!pads)
    return {};
  at(site.loc);
  bool isMax = site.name == "maxpool";
  const Type type = x.ir->type();
  Value *value = x.ir;
  AxisNames names = x.axes;
  for (size_t i = spatial; i-- > 0;) {
    int64_t axis = static_cast<int64_t>(i) + 2;
    int64_t window = (*sizes)[i];
    int64_t stride = (*args)[2] ? (*strides)[i] : window;
    const Dim size = type.dim(axis);
    int64_t low = (*pads)[i * padding.sides];
    int64_t high = (*pads)[i * padding.sides + padding.sides - 1];
    WindowAxis made{axis, window, stride, Dim(low), Dim(high), 0};
    if (std::max(low, high) * 2 > window)
      return poison((*args)[3]->loc(),
                    "a padding of " + std::to_string(std::max(low, high)) +
                        " is more than half of a window of " +
                        std::to_string(window) +
                        ", which would leave windows empty");
    if (padding.isSame) {
      // As many windows as elements, over the stride, rounded up.
      made.count = size.ceilDiv(stride);
      Dim total = (made.count - 1) * stride + window - size;
      if (!total.isKnownNonNegative())
        total = Dim::max(Dim(0), total);
      made.low = total.floorDiv(2);
      made.high = total - made.low;
    } else {
      Dim room = size + made.low + made.high - window;
      if ((-room - 1).isKnownNonNegative())
        return poison(site.loc, "a window of " + std::to_string(window) +
                                    " elements does not fit into " +
                                    (size + made.low + made.high).str());
      made.count = (*ceil ? room.ceilDiv(stride) : room.floorDiv(stride)) + 1;
      if (*ceil) {
        // A window that starts behind the last element is none.
        if (stride > window || low > 0 || high > 0)
          made.count = Dim::min(made.count, (size + made.low).ceilDiv(stride));
        Dim end = (made.count - 1) * stride + window - size - low;
        made.high = end.isKnownNonNegative() ? end : Dim::max(Dim(0), end);
      }
    }
    value = reduceWindow(builder(), value, made, isMax ? "max" : "add",
                         isMax ? -INFINITY : 0);
    names[axis] = made.count == size ? x.axes[axis] : AxisName();
    if (isMax)
      continue;
    // The mean is over the elements that the window covers.
    Type line = Type::tensor(type.elem(), {size});
    bool isWhole = made.low.isConstant(0) && made.high.isConstant(0);
    Value *count =
        builder().constant(static_cast<double>(window), value->type());
    if (!isWhole) {
      made.axis = 0;
      count = builder().op("broadcast",
                           {reduceWindow(builder(), builder().constant(1, line),
                                         made, "add", 0)},
                           {{"axes", Attr::ints({axis})}}, {value->type()});
    }
    value = builder().op("div", {value, count});
  }
  return Val::tensor(value, names);
}

} // namespace nnc
