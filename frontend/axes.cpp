//===- axes.cpp: axes by name or by number --------------------------------===//
#include "frontend/expression_elaborator.h"

#include <algorithm>

namespace nnc {

std::optional<Val> ExpressionElaborator::axesArgument(const ast::Expr &expr) {
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
        const BoundDim *dim = findDim(*frame, ident.text, ident.loc);
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
ExpressionElaborator::resolveAxes(const Val &x, const Val &over, Loc loc) {
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
      // On trial, one without a name may be one of `..`, which a call names.
      bool isOpen =
          onTrial && std::any_of(x.axes.begin(), x.axes.end(),
                                 [](auto &axis) { return axis.none(); });
      Diagnostic &message =
          error(loc, "there is no axis " + name.text + " in " + x.describe());
      message.holdsForAnySize = !isOpen;
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
ExpressionElaborator::axesOf(const Val &x, const ast::Expr *over, Loc loc) {
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

std::optional<int64_t>
ExpressionElaborator::axisOf(const Val &x, const ast::Expr *over, Loc loc) {
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

} // namespace nnc
