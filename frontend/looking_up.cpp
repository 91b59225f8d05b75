//===- looking_up.cpp: rows by their numbers ------------------------------===//
#include "frontend/builtin_elaborator.h"

namespace nnc {

static const ast::Expr *valueOf(const ast::Arg *arg) {
  return arg ? arg->item.value.get() : nullptr;
}

Val BuiltinElaborator::gather(const CallSite &site) {
  auto args = arguments(site, {"table", "ids", "over"}, 2);
  if (!args)
    return {};
  Val table = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  Val ids = materialise(evalArg((*args)[1]), Elem::I32, site.loc);
  if (table.isPoison() || ids.isPoison())
    return {};
  if (table.ir->type().rank() == 0)
    return poison(site.loc, "gather needs a table, not a scalar");
  if (ids.ir->type().elem() != Elem::I32)
    return poison(site.loc,
                  "the indices of gather are i32, not " + ids.describe());
  std::optional<int64_t> axis = 0;
  if ((*args)[2])
    axis = axisOf(table, valueOf((*args)[2]), site.loc);
  if (!axis)
    return {};
  // The axes of the indices stand where the table's axis was.
  AxisNames names = table.axes;
  names.erase(names.begin() + *axis);
  names.insert(names.begin() + *axis, ids.axes.begin(), ids.axes.end());
  at(outsideStd(site.loc));
  return Val::tensor(
      builder().op("gather", {table.ir, ids.ir}, {{"axis", Dim(*axis)}}),
      names);
}

Val BuiltinElaborator::scatterAdd(const CallSite &site) {
  auto args = arguments(site, {"rows", "ids", "count", "over"}, 3);
  if (!args)
    return {};
  Val rows = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  Val ids = materialise(evalArg((*args)[1]), Elem::I32, site.loc);
  std::optional<DimArg> count = dimArgument(*valueOf((*args)[2]));
  if (rows.isPoison() || ids.isPoison() || !count)
    return {};
  if (ids.ir->type().elem() != Elem::I32)
    return poison(site.loc,
                  "the indices of scatter_add are i32, not " + ids.describe());
  const Type &type = rows.ir->type();
  if (type.elem() == Elem::Bool)
    return poison(site.loc, "scatter_add adds numbers, not bool");
  // Each index has a row: the axes of the indices are among the rows', the
  // first ones or those from `over` on.
  const Shape &places = ids.ir->type().shape();
  size_t axis = 0;
  if ((*args)[3]) {
    std::optional<Dim> place = dimValue(*valueOf((*args)[3]));
    if (!place)
      return {};
    if (!place->isConstant() || place->value() < 0 ||
        place->value() > type.rank())
      return poison((*args)[3]->loc(), "there is no axis " + place->str() +
                                           " in " + rows.describe());
    axis = static_cast<size_t>(place->value());
  }
  bool fits = axis + places.size() <= type.shape().size();
  for (size_t i = 0; fits && i < places.size(); ++i)
    fits = places[i] == type.shape()[axis + i] &&
           (ids.axes[i].none() || rows.axes[axis + i].none() ||
            ids.axes[i] == rows.axes[axis + i]);
  if (!fits && axis == 0)
    return poison(site.loc, "the rows " + rows.describe() +
                                " do not start with the axes of their "
                                "indices " +
                                ids.describe());
  if (!fits)
    return poison(site.loc, "from axis " + std::to_string(axis) +
                                " on, the rows " + rows.describe() +
                                " do not have the axes of their indices " +
                                ids.describe());
  Shape shape = type.shape();
  AxisNames names = rows.axes;
  auto one = static_cast<int64_t>(axis);
  auto last = static_cast<int64_t>(axis + places.size());
  shape.erase(shape.begin() + one, shape.begin() + last);
  names.erase(names.begin() + one, names.begin() + last);
  shape.insert(shape.begin() + one, count->size);
  names.insert(names.begin() + one, count->axis);
  at(outsideStd(site.loc));
  return Val::tensor(builder().op("scatter_add", {ids.ir, rows.ir},
                                  {{"axis", Dim(one)}},
                                  {type.withShape(shape)}),
                     names);
}

Val BuiltinElaborator::oneHot(const CallSite &site) {
  auto args = arguments(site, {"ids", "count"}, 2);
  if (!args)
    return {};
  Val ids = materialise(evalArg((*args)[0]), Elem::I32, site.loc);
  std::optional<DimArg> count = dimArgument(*valueOf((*args)[1]));
  if (ids.isPoison() || !count)
    return {};
  if (ids.ir->type().elem() != Elem::I32)
    return poison(site.loc, "one_hot takes i32, not " + ids.describe());
  Shape shape = ids.ir->type().shape();
  std::vector<int64_t> axes;
  for (size_t i = 0; i < shape.size(); ++i)
    axes.push_back(static_cast<int64_t>(i));
  shape.push_back(count->size);
  Type type = Type::tensor(Elem::I32, shape);
  at(outsideStd(site.loc));
  // Looked up in 0, 1, ..., each number is itself, and one that is out of range
  // stops the program.
  Value *known = builder().op("iota", {}, {{"axis", Dim(0)}},
                              {Type::tensor(Elem::I32, {count->size})});
  Value *checked = builder().op("gather", {known, ids.ir}, {{"axis", Dim(0)}});
  at(site.loc);
  Value *places =
      builder().op("iota", {}, {{"axis", Dim(type.rank() - 1)}}, {type});
  Value *wide = builder().op("broadcast", {checked},
                             {{"axes", Attr::ints(axes)}}, {type});
  Value *same = builder().op("compare", {wide, places}, {{"predicate", "eq"}});
  AxisNames names = ids.axes;
  names.push_back(count->axis);
  return Val::tensor(
      builder().op("cast", {same}, {}, {type.withElem(floatElem())}), names);
}

Val BuiltinElaborator::update(const CallSite &site) {
  auto args = arguments(site, {"x", "at", "value", "over"}, 3);
  if (!args)
    return {};
  Val x = materialise(evalArg((*args)[0]), std::nullopt, site.loc);
  Val index = materialise(evalArg((*args)[1]), Elem::I32, site.loc);
  if (x.isPoison() || index.isPoison())
    return {};
  Val value = materialise(evalArg((*args)[2]), x.ir->type().elem(), site.loc);
  if (value.isPoison())
    return {};
  if (x.ir->type().rank() == 0)
    return poison(site.loc, "update needs a tensor, not a scalar");
  std::optional<int64_t> axis = 0;
  if ((*args)[3])
    axis = axisOf(x, valueOf((*args)[3]), site.loc);
  if (!axis)
    return {};
  if (!(index.ir->type() == Type::scalar(Elem::I32)))
    return poison(site.loc,
                  "the place of update is one i32, not " + index.describe());
  Shape part = x.ir->type().shape();
  AxisNames names = x.axes;
  part.erase(part.begin() + *axis);
  names.erase(names.begin() + *axis);
  Val like = Val::number(0, LiteralKind::Float);
  like.literal->shape = part;
  std::optional<Aligned> aligned = align({value, like}, site.loc);
  if (!aligned)
    return {};
  if (!(aligned->shape == part) ||
      value.ir->type().elem() != x.ir->type().elem())
    return poison(site.loc, "the new part is " + value.describe() +
                                ", which does not fit into " + x.describe());
  for (size_t i = 0; i < part.size(); ++i)
    if (!aligned->axes[i].none() && !names[i].none() &&
        !(aligned->axes[i] == names[i]))
      return poison(site.loc, "the new part has axis " + aligned->axes[i].text +
                                  " in place of " + names[i].text);
  at(site.loc);
  Value *fit = stretch(value, part);
  return Val::tensor(
      builder().op("update", {x.ir, index.ir, fit}, {{"axis", Dim(*axis)}}),
      x.axes);
}

} // namespace nnc
