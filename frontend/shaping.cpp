//===- shaping.cpp: functions that move elements and keep them ------------===//
#include "frontend/builtin_elaborator.h"

#include <algorithm>

namespace nnc {

static const ast::Expr *valueOf(const ast::Arg *arg) {
  return arg ? arg->item.value.get() : nullptr;
}

/// The operands of `concat(a, b, over = D)`, apart from `over`.
static std::vector<const ast::Arg *> positional(const CallSite &site,
                                                const ast::Arg *&over) {
  std::vector<const ast::Arg *> found;
  over = nullptr;
  for (const ast::Arg &arg : *site.args) {
    if (arg.name.text == "over")
      over = &arg;
    else
      found.push_back(&arg);
  }
  return found;
}

Val BuiltinElaborator::concat(const CallSite &site) {
  const ast::Arg *over;
  std::vector<Val> parts;
  for (const ast::Arg *arg : positional(site, over)) {
    if (!arg->name.text.empty())
      return poison(arg->loc(), "concat has no argument " + arg->name.text);
    parts.push_back(evalArg(arg));
    if (parts.back().isPoison())
      return {};
  }
  if (parts.empty() || !over)
    return poison(site.loc, "concat joins tensors, as in concat(a, b, over=D)");
  std::optional<Elem> elem;
  for (const Val &part : parts)
    if (part.isTensor())
      elem = part.ir->type().elem();
  for (Val &part : parts) {
    part = materialise(part, elem, site.loc);
    if (part.isPoison())
      return {};
  }
  auto axis = axisOf(parts[0], valueOf(over), site.loc);
  if (!axis)
    return {};
  AxisNames names = parts[0].axes;
  std::vector<Value *> values;
  for (const Val &part : parts) {
    const Type &a = parts[0].ir->type(), &b = part.ir->type();
    bool fits = a.elem() == b.elem() && a.rank() == b.rank();
    for (int64_t i = 0; fits && i < a.rank(); ++i) {
      if (i == *axis)
        continue;
      fits = a.dim(i) == b.dim(i) && (names[i].none() || part.axes[i].none() ||
                                      names[i] == part.axes[i]);
      if (fits && names[i].none())
        names[i] = part.axes[i];
    }
    if (!fits)
      return poison(site.loc, "concat needs tensors that differ in the joined "
                              "axis alone, not " +
                                  parts[0].describe() + " and " +
                                  part.describe());
    values.push_back(part.ir);
  }
  names[*axis] = {};
  at(site.loc);
  return Val::tensor(builder().op("concat", values, {{"axis", Dim(*axis)}}),
                     names);
}

Val BuiltinElaborator::stack(const CallSite &site) {
  const ast::Arg *over;
  std::vector<Val> parts;
  for (const ast::Arg *arg : positional(site, over)) {
    if (!arg->name.text.empty())
      return poison(arg->loc(), "stack has no argument " + arg->name.text);
    parts.push_back(evalArg(arg));
  }
  if (parts.empty())
    return poison(site.loc, "stack needs tensors");
  if (!unify(parts, std::nullopt, site.loc))
    return {};
  int64_t rank = parts[0].ir->type().rank(), axis = 0;
  if (over) {
    std::optional<Dim> place = dimValue(*over->item.value);
    if (!place)
      return {};
    axis = !place->isConstant() ? -1
           : place->value() < 0 ? place->value() + rank + 1
                                : place->value();
    if (axis < 0 || axis > rank)
      return poison(over->loc(),
                    "the result of stack has no axis " + place->str());
  }
  std::vector<Value *> values;
  at(site.loc);
  for (const Val &part : parts) {
    Shape shape = part.ir->type().shape();
    shape.insert(shape.begin() + axis, 1);
    values.push_back(builder().op("reshape", {part.ir}, {},
                                  {part.ir->type().withShape(shape)}));
  }
  AxisNames names = parts[0].axes;
  names.insert(names.begin() + axis, AxisName());
  return Val::tensor(builder().op("concat", values, {{"axis", Dim(axis)}}),
                     names);
}

Val BuiltinElaborator::split(const CallSite &site) {
  auto args = arguments(site, {"x", "count", "over"}, 3);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  std::optional<Dim> count = dimValue(*valueOf((*args)[1]));
  if (x.isPoison() || !count)
    return {};
  auto axis = axisOf(x, valueOf((*args)[2]), site.loc);
  if (!axis)
    return {};
  if (!count->isConstant() || count->value() < 1 || count->value() > 4096)
    return poison((*args)[1]->loc(), "split makes a number of parts that is "
                                     "known when compiling, at least 1");
  const Shape &shape = x.ir->type().shape();
  std::optional<Dim> part = shape[*axis].divideExactly(*count);
  if (!part)
    return poison(site.loc, "an axis of size " + shape[*axis].str() +
                                " cannot be split into " + count->str() +
                                " equal parts");
  std::vector<Val> parts;
  at(site.loc);
  for (int64_t i = 0; i < count->value(); ++i) {
    Shape starts(shape.size(), Dim(0)), sizes = shape;
    starts[*axis] = *part * i;
    sizes[*axis] = *part;
    AxisNames names = x.axes;
    names[*axis] = {};
    Value *value = builder().op(
        "slice", {x.ir},
        {{"starts", Attr(starts)},
         {"sizes", Attr(sizes)},
         {"steps", Attr::ints(std::vector<int64_t>(shape.size(), 1))}});
    parts.push_back(Val::tensor(value, names));
  }
  return Val::tuple(std::move(parts));
}

Val BuiltinElaborator::reshape(const CallSite &site) {
  auto args = arguments(site, {"x", "shape"}, 2);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  auto *list = ast::as<ast::List>(valueOf((*args)[1]));
  if (!list)
    return poison((*args)[1]->loc(), "reshape takes a list of sizes, as in "
                                     "reshape(x, [B, D])");
  Shape shape;
  AxisNames names;
  int64_t open = -1;
  for (const ast::ExprPtr &item : list->items) {
    std::optional<DimArg> size = dimArgument(*item);
    if (!size)
      return {};
    if (size->size.isConstant(-1)) {
      if (open >= 0)
        return poison(item->loc, "only one size can be -1");
      open = static_cast<int64_t>(shape.size());
      size->size = Dim(1);
    }
    shape.push_back(size->size);
    names.push_back(size->axis);
  }
  Dim total = elementCount(x.ir->type().shape());
  if (open >= 0) {
    std::optional<Dim> rest = total.divideExactly(elementCount(shape));
    if (!rest)
      return poison(site.loc, x.describe() + " cannot be cut into " +
                                  ast::toSource(*list));
    shape[open] = *rest;
  }
  if (!(elementCount(shape) == total))
    return poison(site.loc, x.describe() + " has " + total.str() +
                                " elements, and " + ast::toSource(*list) +
                                " has " + elementCount(shape).str());
  at(site.loc);
  return reshapeTo(x, shape, names);
}

Val BuiltinElaborator::broadcast(const CallSite &site) {
  auto args = arguments(site, {"x", "shape"}, 2);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  auto *list = ast::as<ast::List>(valueOf((*args)[1]));
  if (!list)
    return poison((*args)[1]->loc(), "broadcast takes a list of sizes, as in "
                                     "broadcast(x, [B, D])");
  // As an elementwise operation aligns it with a tensor of this shape.
  Val like = Val::number(0, LiteralKind::Float);
  for (const ast::ExprPtr &item : list->items) {
    std::optional<DimArg> size = dimArgument(*item);
    if (!size)
      return {};
    like.literal->shape.push_back(size->size);
    like.literal->axes.push_back(size->axis);
  }
  std::optional<Aligned> aligned = align({x, like}, site.loc);
  if (!aligned)
    return {};
  if (!(aligned->shape == like.literal->shape))
    return poison(site.loc, x.describe() + " does not broadcast to " +
                                ast::toSource(*list));
  at(site.loc);
  return Val::tensor(stretch(x, aligned->shape), aligned->axes);
}

Val BuiltinElaborator::flatten(const CallSite &site) {
  auto args = arguments(site, {"x", "from"}, 1);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  int64_t from = 0, rank = x.ir->type().rank();
  if ((*args)[1]) {
    std::optional<Dim> place = dimValue(*valueOf((*args)[1]));
    if (!place)
      return {};
    if (!place->isConstant() || place->value() < 0 || place->value() > rank)
      return poison((*args)[1]->loc(),
                    "there is no axis " + place->str() + " in " + x.describe());
    from = place->value();
  }
  const Shape &old = x.ir->type().shape();
  Shape shape(old.begin(), old.begin() + from);
  AxisNames names(x.axes.begin(), x.axes.begin() + from);
  shape.push_back(elementCount(Shape(old.begin() + from, old.end())));
  names.push_back(rank - from == 1 ? x.axes.back() : AxisName());
  at(site.loc);
  return reshapeTo(x, shape, names);
}

Val BuiltinElaborator::pad(const CallSite &site) {
  auto args =
      arguments(site, {"x", "over", "before", "after", "value", "step"}, 2);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  auto axes = axesOf(x, valueOf((*args)[1]), site.loc);
  if (!axes)
    return {};
  int64_t rank = x.ir->type().rank();
  Shape low(rank, Dim(0)), high(rank, Dim(0));
  AxisNames names = x.axes;
  for (int side = 0; side < 2; ++side) {
    const ast::Arg *arg = (*args)[2 + side];
    if (!arg)
      continue;
    std::optional<Dim> count = dimValue(*arg->item.value);
    if (!count)
      return {};
    if (!count->isKnownNonNegative())
      return poison(arg->loc(),
                    "pad puts 0 elements or more, not " + count->str());
    for (int64_t axis : *axes) {
      (side ? high : low)[axis] = *count;
      if (!count->isConstant(0))
        names[axis] = {};
    }
  }
  double value = 0;
  if ((*args)[4]) {
    std::optional<double> given = constantOf(*valueOf((*args)[4]), "value");
    if (!given)
      return {};
    value = *given;
  }
  AttrDict attrs = {{"low", Attr(low)}, {"high", Attr(high)}, {"value", value}};
  if ((*args)[5]) {
    // Elements that were neighbours are so many places apart.
    auto step = numbersOf((*args)[5], 1, 1, 1);
    if (!step)
      return {};
    std::vector<int64_t> steps(rank, 1);
    for (int64_t axis : *axes) {
      steps[axis] = step->front();
      if (steps[axis] != 1)
        names[axis] = {};
    }
    attrs.set("steps", Attr::ints(steps));
  }
  at(site.loc);
  return Val::tensor(builder().op("pad", {x.ir}, attrs), names);
}

Val BuiltinElaborator::reverse(const CallSite &site) {
  auto args = arguments(site, {"x", "over"}, 2);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  if (x.isPoison())
    return x;
  auto axis = axisOf(x, valueOf((*args)[1]), site.loc);
  if (!axis)
    return {};
  at(site.loc);
  return Val::tensor(builder().op("reverse", {x.ir}, {{"axis", Dim(*axis)}}),
                     x.axes);
}

Val BuiltinElaborator::filled(const CallSite &site) {
  if (!site.hasBrackets || (site.args && !site.args->empty()))
    return poison(site.loc, site.name + " takes its sizes in brackets, as in " +
                                site.name + "[2, 3]");
  Shape shape;
  AxisNames names;
  for (const ast::Item &item : *site.brackets) {
    if (item.kind != ast::Item::Value)
      return poison(item.loc, "this must be a size");
    std::optional<DimArg> size = dimArgument(*item.value);
    if (!size)
      return {};
    if (size->size.isConstant() && size->size.value() < 0)
      return poison(item.loc, "a size cannot be " + size->size.str());
    shape.push_back(size->size);
    names.push_back(size->axis);
  }
  at(site.loc);
  return Val::tensor(builder().constant(site.name == "ones" ? 1 : 0,
                                        Type::tensor(floatElem(), shape)),
                     names);
}

Val BuiltinElaborator::range(const CallSite &site) {
  if (!site.hasBrackets || site.brackets->size() != 1 ||
      (*site.brackets)[0].kind != ast::Item::Value)
    return poison(site.loc, "range takes one size in brackets, as in range[T]");
  std::optional<DimArg> size = dimArgument(*(*site.brackets)[0].value);
  if (!size)
    return {};
  at(site.loc);
  Type type = Type::tensor(Elem::I32, {size->size});
  return Val::tensor(builder().op("iota", {}, {{"axis", 0}}, {type}),
                     {size->axis});
}

} // namespace nnc
