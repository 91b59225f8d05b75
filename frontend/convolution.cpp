//===- convolution.cpp: conv2d and conv1d ---------------------------------===//
#include "frontend/elaborator.h"

namespace nnc {

Val Elaborator::convolution(const CallSite &site) {
  auto args =
      arguments(site, {"x", "w", "stride", "pad", "dilation", "groups"}, 2);
  if (!args)
    return {};
  int64_t spatial = site.name == "conv2d" ? 2 : 1;
  Val x = floats(evalArg((*args)[0]), site.name, site.loc);
  Val w = floats(evalArg((*args)[1]), site.name, site.loc);
  if (x.isPoison() || w.isPoison())
    return {};
  if (x.ir->type().rank() != spatial + 2 || w.ir->type().rank() != spatial + 2)
    return poison(site.loc,
                  site.name + " needs " +
                      (spatial == 2 ? "x[B, C, H, W] and w[O, I, R, S]"
                                    : "x[B, C, T] and w[O, I, R]") +
                      ", not " + x.describe() + " and " + w.describe());
  if (x.ir->type().elem() != w.ir->type().elem())
    return poison(site.loc, "f32 and f64 do not mix");
  auto number = [&](size_t place, int64_t standard) -> std::optional<int64_t> {
    if (!(*args)[place])
      return standard;
    const ast::Expr &expr = *(*args)[place]->item.value;
    std::optional<Dim> value = dimValue(expr);
    if (!value)
      return std::nullopt;
    if (value->isConstant() && value->value() >= 1 && value->value() < 1 << 20)
      return value->value();
    error(expr.loc, "this must be a number, at least 1");
    return std::nullopt;
  };
  auto stride = number(2, 1), dilation = number(4, 1), groups = number(5, 1);
  if (!stride || !dilation || !groups)
    return {};
  // same: as many outputs as inputs (over the stride, rounded up); of an odd
  // total, the larger half is at the end. valid: no padding.
  bool same = false;
  std::optional<int64_t> given = 0;
  if ((*args)[3]) {
    const ast::Expr &expr = *(*args)[3]->item.value;
    auto *name = ast::as<ast::Name>(&expr);
    if (name && name->text() == "same") {
      same = true;
    } else if (!name || name->text() != "valid") {
      std::optional<Dim> value = dimValue(expr);
      if (!value)
        return {};
      if (!value->isConstant() || value->value() < 0 ||
          value->value() >= 1 << 20)
        return poison(expr.loc, "pad is same, valid or a number of elements");
      given = value->value();
    }
  }
  const Type &xt = x.ir->type(), &wt = w.ir->type();
  std::optional<Dim> perGroup = xt.dim(1).divideExactly(Dim(*groups));
  if (!perGroup || !(*perGroup == wt.dim(1)))
    return poison(site.loc,
                  "w has " + wt.dim(1).str() + " input channels for each of " +
                      std::to_string(*groups) + " groups, and x has " +
                      xt.dim(1).str() + " channels");
  if (!wt.dim(0).divideExactly(Dim(*groups)))
    return poison(site.loc, wt.dim(0).str() +
                                " output channels cannot be "
                                "split into " +
                                std::to_string(*groups) + " groups");
  if (*groups == 1 && !x.axes[1].none() && !w.axes[1].none() &&
      !(x.axes[1] == w.axes[1]))
    return poison(site.loc, "the channels of x are axis " + x.axes[1].text +
                                " and those of w are axis " + w.axes[1].text);
  std::vector<int64_t> strides(spatial, *stride), dilations(spatial, *dilation);
  AttrList low, high;
  Shape lowApart(spatial + 2, Dim(0)), highApart = lowApart;
  bool padsApart = false;
  AxisNames names = {x.axes[0], w.axes[0]};
  for (int64_t i = 0; i < spatial; ++i) {
    const Dim &size = xt.dim(2 + i), &kernel = wt.dim(2 + i);
    Dim reach = (kernel - 1) * *dilation + 1;
    Dim before = Dim(*given), after = Dim(*given);
    if (same) {
      Dim total = *stride == 1
                      ? reach - 1
                      : Dim::max(Dim(0), (size.ceilDiv(*stride) - 1) * *stride +
                                             reach - size);
      before = total.floorDiv(2);
      after = total - before;
    }
    // The op's own padding is constant.
    if (!before.isConstant() || !after.isConstant()) {
      padsApart = true;
      lowApart[2 + i] = before;
      highApart[2 + i] = after;
      low.push_back(Dim(0));
      high.push_back(Dim(0));
    } else {
      low.push_back(before);
      high.push_back(after);
    }
    if ((reach - size - before - after - 1).isKnownNonNegative())
      return poison(site.loc, "a kernel that reaches over " + reach.str() +
                                  " elements does not fit into " +
                                  (size + before + after).str());
    Dim out = (size + before + after - reach).floorDiv(*stride) + 1;
    names.push_back(out == size ? x.axes[2 + i] : AxisName());
  }
  at(site.loc);
  if (padsApart)
    x.ir = builder().op(
        "pad", {x.ir},
        {{"low", Attr(lowApart)}, {"high", Attr(highApart)}, {"value", 0.0}});
  return Val::tensor(builder().op("conv", {x.ir, w.ir},
                                  {{"strides", Attr::ints(strides)},
                                   {"padding_low", low},
                                   {"padding_high", high},
                                   {"dilations", Attr::ints(dilations)},
                                   {"groups", Dim(*groups)}}),
                     names);
}

} // namespace nnc
