//===- reductions.cpp: sum, mean, max, ... over named axes ----------------===//
#include "frontend/builtin_elaborator.h"
#include "frontend/limitations.h"

#include <algorithm>
#include <cmath>

namespace nnc {

Val BuiltinElaborator::reduce(const std::string &name, Val x,
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
Value *BuiltinElaborator::maskOf(const Val &x, const ast::Arg &arg) {
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

Value *BuiltinElaborator::shown(Value *mask, Value *x, double hidden) {
  if (!mask)
    return x;
  Value *other = builder().constant(hidden, x->type());
  return builder().op("select", {mask, x, other});
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

Val BuiltinElaborator::reduction(const CallSite &site) {
  Val result = reduceFor(site);
  auto *call = ast::as<ast::Call>(site.expr);
  bool keeps =
      std::any_of(site.args->begin(), site.args->end(),
                  [](const ast::Arg &arg) { return arg.name.text == "keep"; });
  if (call && !keeps)
    result.keepLoc = call->closeLoc;
  return result;
}

Val BuiltinElaborator::reduceFor(const CallSite &site) {
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
    x.ir = shown(mask, x.ir, hiddenValue(site.name, x.ir->type().elem()));
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

Val BuiltinElaborator::argmax(const CallSite &site) {
  auto args = arguments(site, {"x", "over", "keep", "where"}, 1);
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
  std::optional<bool> keep = false;
  if ((*args)[2])
    keep = condition(*(*args)[2]->item.value);
  if (!axis || !keep)
    return {};
  Value *mask = nullptr;
  if ((*args)[3] && !(mask = maskOf(x, *(*args)[3])))
    return {};
  at(site.loc);
  Value *from = x.ir;
  if (site.name == "argmin")
    from = builder().op("neg", {from});
  if (mask) {
    // The first of the elements that are shown and as large as the largest of
    // these, which what hides the others might equal.
    from = shown(mask, from, hiddenValue("max", from->type().elem()));
    Val largest =
        reduce("max", Val::tensor(from, x.axes), {*axis}, true, site.loc);
    Value *wide = stretch(largest, from->type().shape());
    Value *is = builder().op("compare", {from, wide}, {{"predicate", "eq"}});
    is = builder().op("and", {is, mask});
    from = builder().op("cast", {is}, {}, {is->type().withElem(Elem::I32)});
  }
  AxisNames names = x.axes;
  names.erase(names.begin() + *axis);
  Val place = Val::tensor(
      builder().op("argmax", {from}, {{"axis", Dim(*axis)}}), names);
  if (!*keep)
    return place;
  Shape kept = x.ir->type().shape();
  kept[*axis] = 1;
  names.insert(names.begin() + *axis, AxisName());
  return reshapeTo(place, kept, names);
}

Val BuiltinElaborator::cumsum(const CallSite &site) {
  auto args = arguments(site, {"x", "over", "where"}, 2);
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
  Value *mask = nullptr;
  if ((*args)[2] && !(mask = maskOf(x, *(*args)[2])))
    return {};
  at(site.loc);
  Value *from = shown(mask, x.ir, 0);
  return Val::tensor(builder().op("cumsum", {from}, {{"axis", Dim(*axis)}}),
                     x.axes);
}

} // namespace nnc
