//===- reductions.cpp: sum, mean, max, ... over named axes ----------------===//
#include "frontend/elaborator.h"
#include "frontend/limitations.h"

#include <algorithm>
#include <cmath>

namespace nnc {

std::optional<Val> Elaborator::axesArgument(const ast::Expr &expr) {
  Val result;
  result.kind = Val::Axes;
  std::vector<const ast::Expr *> parts;
  if (auto *list = ast::as<ast::List>(&expr))
    for (const ast::ExprPtr &item : list->items)
      parts.push_back(item.get());
  else if (auto *tuple = ast::as<ast::Tuple>(&expr))
    for (const ast::ExprPtr &item : tuple->items)
      parts.push_back(item.get());
  else
    parts.push_back(&expr);
  for (const ast::Expr *part : parts) {
    if (auto *name = ast::as<ast::Name>(part); name && name->isSimple()) {
      const ast::Ident &ident = name->first();
      auto local = frame->values.find(ident.text);
      if (local != frame->values.end() && local->second.kind == Val::Axes) {
        const Val &inner = local->second;
        result.axes.insert(result.axes.end(), inner.axes.begin(),
                           inner.axes.end());
        result.positions.insert(result.positions.end(), inner.positions.begin(),
                                inner.positions.end());
        continue;
      }
      if (ident.isCompileTime()) {
        const DimBinding *dim = findDim(*frame, ident.text, ident.loc);
        result.axes.push_back({frame->scopeOf(dim), ident.text, ident.loc});
        continue;
      }
    }
    Val value = eval(*part);
    std::optional<Dim> number = sizeOf(value);
    if (!number || !number->isConstant()) {
      if (!value.isPoison())
        error(part->loc,
              "an axis is its name or its number, not " + value.describe());
      return std::nullopt;
    }
    result.positions.push_back(number->value());
  }
  return result;
}

std::optional<std::vector<int64_t>>
Elaborator::resolveAxes(const Val &x, const Val &over, Loc loc) {
  std::vector<int64_t> axes;
  int64_t rank = x.ir->type().rank();
  auto add = [&](int64_t axis) {
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) {
      error(loc, "axis " + std::to_string(axis) + " is named twice");
      return false;
    }
    axes.push_back(axis);
    return true;
  };
  for (const AxisName &name : over.axes) {
    int64_t found = -1;
    for (int64_t i = 0; i < rank; ++i)
      if (x.axes[i] == name)
        found = i;
    if (found < 0) {
      error(loc, "there is no axis " + name.text + " in " + x.describe());
      return std::nullopt;
    }
    if (!add(found))
      return std::nullopt;
  }
  for (int64_t position : over.positions) {
    int64_t axis = position < 0 ? position + rank : position;
    if (axis < 0 || axis >= rank) {
      error(loc, "there is no axis " + std::to_string(position) + " in " +
                     x.describe());
      return std::nullopt;
    }
    if (!add(axis))
      return std::nullopt;
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

std::optional<std::vector<int64_t>>
Elaborator::axesOf(const Val &x, const ast::Expr *over, Loc loc) {
  if (!over) {
    std::vector<int64_t> all;
    for (int64_t i = 0; i < x.ir->type().rank(); ++i)
      all.push_back(i);
    return all;
  }
  std::optional<Val> axes = axesArgument(*over);
  if (!axes)
    return std::nullopt;
  (void)loc;
  return resolveAxes(x, *axes, over->loc);
}

std::optional<int64_t> Elaborator::axisOf(const Val &x, const ast::Expr *over,
                                          Loc loc) {
  auto axes = axesOf(x, over, loc);
  if (!axes)
    return std::nullopt;
  if (axes->size() != 1) {
    error(over ? over->loc : loc,
          over ? "this needs one axis" : "say the axis with over=...");
    return std::nullopt;
  }
  return axes->front();
}

Val Elaborator::reduce(const std::string &name, Val x,
                       std::vector<int64_t> axes, bool keep, Loc loc) {
  at(loc);
  Shape keptShape = x.ir->type().shape();
  AxisNames names, keptNames = x.axes;
  Dim count = 1;
  for (int64_t i = 0; i < x.ir->type().rank(); ++i) {
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) {
      names.push_back(x.axes[i]);
      continue;
    }
    count = count * x.ir->type().dim(i);
    keptShape[i] = 1;
    keptNames[i] = {};
  }
  const char *op = name == "max"       ? "reduce_max"
                   : name == "min"     ? "reduce_min"
                   : name == "product" ? "product"
                                       : "sum";
  Value *value = x.ir;
  if (!axes.empty())
    value = builder().op(op, {value}, {{"axes", Attr::ints(axes)}});
  if (name == "mean") {
    // The product with the reciprocal would round twice.
    Type scalar = Type::scalar(value->type().elem());
    Value *n =
        count.isConstant()
            ? builder().constant(static_cast<double>(count.value()), scalar)
            : builder().op("size", {}, {{"value", count}}, {scalar});
    Value *wide = builder().broadcastTo(n, value->type().shape());
    value = builder().op("div", {value, wide});
  }
  Val result = Val::tensor(value, names);
  return keep ? reshapeTo(result, keptShape, keptNames) : result;
}

/// What `where=` shows, as wide as `x`; null if it does not fit.
Value *Elaborator::maskOf(const Val &x, const ast::Arg &arg) {
  Val mask = materialise(evalArg(&arg), Elem::Bool, arg.loc());
  if (mask.isPoison())
    return nullptr;
  if (mask.ir->type().elem() != Elem::Bool) {
    error(arg.loc(), "`where` is a bool, not " + mask.describe());
    return nullptr;
  }
  std::optional<Aligned> aligned = align({x, mask}, arg.loc());
  if (!aligned)
    return nullptr;
  if (!(aligned->shape == x.ir->type().shape())) {
    error(arg.loc(), "`where` is " + mask.describe() +
                         ", which is larger than " + x.describe());
    return nullptr;
  }
  return stretch(mask, aligned->shape);
}

/// What changes a reduction nothing: for elements that `where` hides.
static double hiddenValue(const std::string &name, Elem elem) {
  if (name == "product")
    return 1;
  if (name == "sum" || name == "mean")
    return 0;
  double largest = elem == Elem::I32   ? 2147483647.0
                   : elem == Elem::I64 ? 9007199254740992.0
                                       : INFINITY;
  return name == "min" ? largest : -largest;
}

Val Elaborator::reduction(const CallSite &site) {
  auto args = arguments(site, {"x", "over", "keep", "where"}, 1);
  if (!args)
    return {};
  Val x = evalArg((*args)[0]);
  bool ofFloats = site.name == "mean" || site.name == "logsumexp";
  x = ofFloats ? floats(x, site.name, site.loc)
               : materialise(x, std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  if (x.ir->type().elem() == Elem::Bool)
    return poison(site.loc, site.name +
                                " needs numbers, not bool; convert with "
                                "i32(...) or f32(...)");
  auto axes =
      axesOf(x, (*args)[1] ? (*args)[1]->item.value.get() : nullptr, site.loc);
  std::optional<bool> keep = false;
  if ((*args)[2])
    keep = condition(*(*args)[2]->item.value);
  if (!axes || !keep)
    return {};
  Value *mask = nullptr;
  if ((*args)[3]) {
    mask = maskOf(x, *(*args)[3]);
    if (!mask)
      return {};
    double hidden = hiddenValue(site.name, x.ir->type().elem());
    x.ir = builder().op("select",
                        {mask, x.ir, builder().constant(hidden, x.ir->type())});
  }
  if (mask && site.name == "mean") {
    Value *shown = builder().op("cast", {mask}, {}, {x.ir->type()});
    Val count = reduce("sum", Val::tensor(shown), *axes, *keep, site.loc);
    Val total = reduce("sum", x, *axes, *keep, site.loc);
    return Val::tensor(builder().op("div", {total.ir, count.ir}), total.axes);
  }
  if (site.name == "logsumexp") {
    // m + log(sum(exp(x - m))), m the largest: the same, without overflow.
    Value *m = reduce("max", x, *axes, true, site.loc).ir;
    m = builder().op("stop_gradient", {m});
    // Where all is hidden, so that -inf - -inf does not make it NaN.
    if (mask)
      m = builder().op("max", {m, builder().constant(-1e30, m->type())});
    Value *wide = stretch(Val::tensor(m), x.ir->type().shape());
    Value *e = builder().op("exp", {builder().op("sub", {x.ir, wide})});
    Val total = reduce("sum", Val::tensor(e, x.axes), *axes, *keep, site.loc);
    m = reshapeTo(Val::tensor(m), total.ir->type().shape(), {}).ir;
    Value *log = builder().op("log", {total.ir});
    return Val::tensor(builder().op("add", {m, log}), total.axes);
  }
  return reduce(site.name, x, *axes, *keep, site.loc);
}

Val Elaborator::argmax(const CallSite &site) {
  auto args = arguments(site, {"x", "over", "keep"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  if (x.ir->type().elem() == Elem::Bool || x.ir->type().rank() == 0)
    return poison(site.loc, site.name + " needs a tensor of numbers, not " +
                                x.describe());
  std::optional<int64_t> axis = x.ir->type().rank() - 1;
  if ((*args)[1] || x.ir->type().rank() != 1)
    axis = axisOf(x, (*args)[1] ? (*args)[1]->item.value.get() : nullptr,
                  site.loc);
  if (!axis)
    return {};
  at(site.loc);
  Value *from = x.ir;
  if (site.name == "argmin")
    from = builder().op("neg", {from});
  AxisNames names = x.axes;
  names.erase(names.begin() + *axis);
  return Val::tensor(builder().op("argmax", {from}, {{"axis", Dim(*axis)}}),
                     names);
}

Val Elaborator::cumsum(const CallSite &site) {
  auto args = arguments(site, {"x", "over"}, 2);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  auto axis = axisOf(x, (*args)[1]->item.value.get(), site.loc);
  if (!axis)
    return {};
  if (x.ir->type().elem() == Elem::Bool)
    return poison(site.loc, "cumsum needs numbers, not bool");
  at(site.loc);
  return Val::tensor(builder().op("cumsum", {x.ir}, {{"axis", Dim(*axis)}}),
                     x.axes);
}

} // namespace nnc
