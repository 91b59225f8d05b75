//===- convolution.cpp: conv1d, conv2d, conv3d, transposes and gradients --===//
#include "frontend/builtin_elaborator.h"
#include "frontend/padding.h"

namespace nnc {

namespace {

using Message = std::function<void(Loc, const std::string &)>;

/// The operands of a call, how its kernel moves, and what follows from it.
struct Convolution {
  Loc loc;
  Val x, w;
  Shape sizes; ///< Of the places of the result, where `size=` gives them.
  bool isSame = false;
  std::vector<int64_t> strides, low, high, dilations, extra;
  int64_t groups = 1;

  const Type &xType() const { return x.ir->type(); }
  const Type &wType() const { return w.ir->type(); }
  size_t axes() const { return strides.size(); }
  Dim reach(size_t axis) const; ///< How many elements the kernel spans.
  AttrDict attrs(const AttrList &low, const AttrList &high) const;

  /// Nothing after a message.
  Val direct(Builder &builder, const Message &error) const;
  Val transposed(Builder &builder, const Message &error) const;
  /// From x and a y as `direct` gives it, here in the place of w.
  Val weightGradient(Builder &builder, const Message &error) const;
  /// Whether a convolution takes an axis of `from` elements to one of `to`.
  bool takes(size_t axis, const Dim &from, const Dim &to,
             const Dim &kernel) const;
  bool channelsMatch(const AxisName &ofW, const Message &error) const;
};

} // namespace

Dim Convolution::reach(size_t axis) const {
  return (wType().dim(axis + 2) - 1) * dilations[axis] + 1;
}

AttrDict Convolution::attrs(const AttrList &low, const AttrList &high) const {
  return {{"strides", Attr::ints(strides)},
          {"padding_low", low},
          {"padding_high", high},
          {"dilations", Attr::ints(dilations)},
          {"groups", Dim(groups)}};
}

bool Convolution::channelsMatch(const AxisName &ofW,
                                const Message &error) const {
  const AxisName &ofX = x.axes[1];
  if (ofX.none() || ofW.none() || ofX == ofW)
    return true;
  error(loc, "the channels of x are axis " + ofX.text +
                 " and those of w are axis " + ofW.text);
  return false;
}

bool Convolution::takes(size_t axis, const Dim &from, const Dim &to,
                        const Dim &kernel) const {
  Dim spans = (kernel - 1) * dilations[axis] + 1;
  return (from + low[axis] + high[axis] - spans).floorDiv(strides[axis]) + 1 ==
         to;
}

Val Convolution::direct(Builder &builder, const Message &error) const {
  std::optional<Dim> perGroup = xType().dim(1).divideExactly(Dim(groups));
  if (!perGroup || !(*perGroup == wType().dim(1))) {
    error(loc, "w has " + wType().dim(1).str() +
                   " input channels for each of " + std::to_string(groups) +
                   " groups, and x has " + xType().dim(1).str() + " channels");
    return {};
  }
  if (!wType().dim(0).divideExactly(Dim(groups))) {
    error(loc, wType().dim(0).str() + " output channels cannot be split into " +
                   std::to_string(groups) + " groups");
    return {};
  }
  if (groups == 1 && !channelsMatch(w.axes[1], error))
    return {};
  AttrList lows, highs;
  Shape lowApart(axes() + 2, Dim(0)), highApart = lowApart;
  bool padsApart = false;
  AxisNames names = {x.axes[0], w.axes[0]};
  for (size_t i = 0; i < axes(); ++i) {
    const Dim &size = xType().dim(i + 2);
    Dim before = low[i], after = high[i];
    // As many outputs as inputs, over the stride, rounded up; of an odd total
    // the larger half is at the end.
    if (isSame) {
      Dim total =
          strides[i] == 1
              ? reach(i) - 1
              : Dim::max(Dim(0), (size.ceilDiv(strides[i]) - 1) * strides[i] +
                                     reach(i) - size);
      before = total.floorDiv(2);
      after = total - before;
    }
    // The op's own padding is constant.
    bool isApart = !before.isConstant() || !after.isConstant();
    padsApart |= isApart;
    lowApart[i + 2] = isApart ? before : Dim(0);
    highApart[i + 2] = isApart ? after : Dim(0);
    lows.push_back(isApart ? Dim(0) : before);
    highs.push_back(isApart ? Dim(0) : after);
    Dim padded = size + before + after;
    if ((reach(i) - padded - 1).isKnownNonNegative()) {
      error(loc, "a kernel that reaches over " + reach(i).str() +
                     " elements does not fit into " + padded.str());
      return {};
    }
    Dim out = (padded - reach(i)).floorDiv(strides[i]) + 1;
    names.push_back(out == size ? x.axes[i + 2] : AxisName());
  }
  Value *padded = x.ir;
  if (padsApart)
    padded = builder.op(
        "pad", {padded},
        {{"low", Attr(lowApart)}, {"high", Attr(highApart)}, {"value", 0.0}});
  return Val::tensor(builder.op("conv", {padded, w.ir}, attrs(lows, highs)),
                     names);
}

/// What a convolution with these weights takes to x: n elements come from
/// (n - 1) stride - before - after + reach + extra, where `extra` says which of
/// the sizes is meant that it takes to n.
Val Convolution::transposed(Builder &builder, const Message &error) const {
  if (!(xType().dim(1) == wType().dim(0))) {
    error(loc, "w has " + wType().dim(0).str() + " input channels, and x has " +
                   xType().dim(1).str());
    return {};
  }
  if (!wType().dim(0).divideExactly(Dim(groups))) {
    error(loc, wType().dim(0).str() + " input channels cannot be split into " +
                   std::to_string(groups) + " groups");
    return {};
  }
  if (!channelsMatch(w.axes[0], error))
    return {};
  AttrList lows, highs;
  Shape shape = {xType().dim(0), wType().dim(1) * groups};
  AxisNames names = {x.axes[0], groups == 1 ? w.axes[1] : AxisName()};
  for (size_t i = 0; i < axes(); ++i) {
    const Dim &size = xType().dim(i + 2);
    Dim before = low[i], after = high[i], more = extra[i];
    if (!sizes.empty()) {
      if (!takes(i, sizes[i], size, wType().dim(i + 2))) {
        error(loc, "no convolution takes " + sizes[i].str() + " elements to " +
                       size.str() + " with this kernel, stride and padding");
        return {};
      }
      lows.push_back(before);
      highs.push_back(after);
      shape.push_back(sizes[i]);
      names.push_back(sizes[i] == size ? x.axes[i + 2] : AxisName());
      continue;
    }
    if (extra[i] >= strides[i]) {
      error(loc, "extra is less than the stride, " +
                     std::to_string(strides[i]) + ", and not " + more.str());
      return {};
    }
    // Each element becomes as many as the stride says.
    if (isSame) {
      if (!reach(i).isConstant()) {
        error(loc, "pad=same needs a kernel whose size is known when "
                   "compiling, not " +
                       w.describe());
        return {};
      }
      int64_t spans = reach(i).value();
      int64_t total = std::max<int64_t>(0, spans - strides[i]);
      before = total / 2;
      after = total - total / 2;
      more = strides[i] - spans + total;
    }
    Dim whole = (size - 1) * strides[i] + reach(i) + more;
    Dim out = whole - before - after;
    if ((-out).isKnownNonNegative()) {
      error(loc, "a padding of " + before.str() + " and " + after.str() +
                     " leaves none of " + whole.str() + " elements");
      return {};
    }
    lows.push_back(before);
    highs.push_back(after);
    shape.push_back(out);
    names.push_back(out == size ? x.axes[i + 2] : AxisName());
  }
  return Val::tensor(builder.op("conv_input_grad", {x.ir, w.ir},
                                attrs(lows, highs), {xType().withShape(shape)}),
                     names);
}

Val Convolution::weightGradient(Builder &builder, const Message &error) const {
  const Type &yType = wType();
  std::optional<Dim> perGroup = xType().dim(1).divideExactly(Dim(groups));
  if (!perGroup || !yType.dim(1).divideExactly(Dim(groups))) {
    error(loc, "the channels of " + x.describe() + " and " + w.describe() +
                   " cannot be split into " + std::to_string(groups) +
                   " groups");
    return {};
  }
  bool fits = xType().dim(0) == yType.dim(0);
  for (size_t i = 0; i < axes(); ++i)
    fits &= takes(i, xType().dim(i + 2), yType.dim(i + 2), sizes[i]);
  if (!fits) {
    error(loc, "no convolution takes " + x.describe() + " to " + w.describe() +
                   " with this kernel, stride and padding");
    return {};
  }
  Shape shape = {yType.dim(1), *perGroup};
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  AttrList lows, highs;
  for (size_t i = 0; i < axes(); ++i) {
    lows.push_back(Dim(low[i]));
    highs.push_back(Dim(high[i]));
  }
  return Val::tensor(builder.op("conv_weight_grad", {x.ir, w.ir},
                                attrs(lows, highs), {xType().withShape(shape)}),
                     AxisNames(shape.size()));
}

Val BuiltinElaborator::convolution(const CallSite &site) {
  bool isTransposed = site.name.ends_with("_transpose");
  bool isGradient = site.name.ends_with("_weight_grad");
  auto spatial = static_cast<size_t>(site.name[4] - '0'); // conv2d
  auto args =
      isTransposed ? arguments(site,
                               {"x", "w", "stride", "pad", "dilation", "groups",
                                "size", "extra"},
                               2)
      : isGradient
          ? arguments(site,
                      {"x", "y", "stride", "pad", "dilation", "groups", "size"},
                      2)
          : arguments(site, {"x", "w", "stride", "pad", "dilation", "groups"},
                      2);
  if (!args)
    return {};
  Convolution call;
  call.loc = site.loc;
  call.x = floats(evalArg((*args)[0]), site.name, site.loc);
  call.w = floats(evalArg((*args)[1]), site.name, site.loc);
  if (call.x.isPoison() || call.w.isPoison())
    return {};
  auto rank = static_cast<int64_t>(spatial) + 2;
  if (call.xType().rank() != rank || call.wType().rank() != rank) {
    static const char *const places[] = {"T", "H, W", "D, H, W"};
    static const char *const kernel[] = {"R", "R, S", "R, S, T"};
    std::string second = isTransposed ? "w[I, O, " : "w[O, I, ";
    if (isGradient)
      second = "y[B, O, ";
    second += (isGradient ? places : kernel)[spatial - 1];
    return poison(site.loc, site.name + " needs x[B, C, " +
                                places[spatial - 1] + "] and " + second +
                                "], not " + call.x.describe() + " and " +
                                call.w.describe());
  }
  if (call.xType().elem() != call.wType().elem())
    return poison(site.loc, "f32 and f64 do not mix");
  auto strides = numbersOf((*args)[2], spatial, 1, 1);
  PaddingWords padding((*args)[3], spatial);
  auto pads = numbersOf(padding.numbers, padding.count, 0, 0);
  auto dilations = numbersOf((*args)[4], spatial, 1, 1);
  auto groups = numbersOf((*args)[5], 1, 1, 1);
  auto extra = numbersOf(isTransposed ? (*args)[7] : nullptr, spatial, 0, 0);
  if (!strides || !pads || !dilations || !groups || !extra)
    return {};
  if (isTransposed || isGradient) {
    if (const ast::Arg *size = (*args)[6]) {
      auto *list = ast::as<ast::List>(size->item.value);
      if (!list || list->items.size() != spatial)
        return poison(size->loc(), "this needs a list of " +
                                       std::to_string(spatial) +
                                       " sizes, one for each axis");
      for (const ast::ExprPtr &item : list->items) {
        std::optional<Dim> places = dimValue(*item);
        if (!places)
          return {};
        call.sizes.push_back(*places);
      }
    }
    if (isGradient && call.sizes.empty())
      return poison(site.loc, site.name + " needs the size of the kernel, as "
                                          "in size=[3, 3]");
    if (padding.isSame && !call.sizes.empty())
      return poison((*args)[3]->loc(),
                    "beside size=... the padding is given in numbers");
  }
  call.strides = *strides;
  call.isSame = padding.isSame;
  for (size_t i = 0; i < padding.count; i += padding.sides) {
    call.low.push_back((*pads)[i]);
    call.high.push_back((*pads)[i + padding.sides - 1]);
  }
  call.dilations = *dilations;
  call.groups = groups->front();
  call.extra = *extra;
  at(site.loc);
  Message message = [&](Loc loc, const std::string &text) { error(loc, text); };
  return isTransposed ? call.transposed(builder(), message)
         : isGradient ? call.weightGradient(builder(), message)
                      : call.direct(builder(), message);
}

} // namespace nnc
