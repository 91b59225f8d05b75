//===- indexing.cpp: x[0:3], x[.., -1], x[t], zeros[B, H] -----------------===//
#include "frontend/expression_elaborator.h"

namespace nnc {

/// Whether brackets after this name are its arguments, as in `zeros[B, H]` and
/// `A.positions[T]`, and not indices.
bool ExpressionElaborator::takesBrackets(const ast::Name &name) {
  const std::string &first = name.first().text;
  if (frame->values.contains(first) || findDim(*frame, first, name.loc))
    return false;
  return name.isSimple() ||
         (name.path.size() == 2 && frame->file->aliases.contains(first));
}

Val ExpressionElaborator::evalIndex(const ast::Index &index) {
  auto *name = ast::as<ast::Name>(index.base);
  if (name && takesBrackets(*name)) {
    static const std::vector<ast::Arg> none;
    CallSite site{&index, name->loc, name->text(), true, &index.items, &none};
    size_t used;
    std::optional<Definition> found = definition(*name, used);
    if (!found)
      return {};
    if (found->callable && !found->callable->params.empty())
      return poison(name->loc, site.name + " needs its arguments in "
                                           "parentheses too");
    return callNamed(site, *name);
  }
  return indexValue(eval(*index.base), index);
}

Val ExpressionElaborator::indexValue(Val x, const ast::Index &index) {
  x = materialise(x, std::nullopt, index.bracketLoc);
  if (x.isPoison())
    return x;
  int64_t rank = x.ir->type().rank();
  int64_t given = 0, ellipses = 0;
  for (const ast::Item &item : index.items)
    item.kind == ast::Item::Ellipsis ? ++ellipses : ++given;
  if (ellipses > 1)
    return poison(index.bracketLoc, "`..` may stand once in an index");
  if (given > rank)
    return poison(index.bracketLoc, "there are " + std::to_string(given) +
                                        " indices for " + x.describe());
  // Indices that are all names of axes look like the left side of a `->`.
  bool looksLikeAxes = !index.items.empty();
  for (const ast::Item &item : index.items) {
    auto *name = item.kind == ast::Item::Value ? ast::as<ast::Name>(item.value)
                                               : nullptr;
    looksLikeAxes &= name && name->isSimple() && name->first().isCompileTime();
  }
  if (looksLikeAxes)
    return poison(index.bracketLoc, "every index here is a dimension; did you "
                                    "forget `-> [...]`?");
  const Shape shape = x.ir->type().shape();
  Shape starts(rank, Dim(0)), sizes = shape;
  std::vector<int64_t> steps(rank, 1);
  std::vector<bool> dropped(rank);
  AxisNames names = x.axes;
  std::vector<std::pair<int64_t, Value *>> computed;
  bool sliced = false;
  int64_t axis = 0;
  for (const ast::Item &item : index.items) {
    if (item.kind == ast::Item::Ellipsis) {
      axis += rank - given;
      continue;
    }
    const Dim &size = shape[axis];
    auto outOfRange = [&](Loc loc, const Dim &place) {
      return poison(loc,
                    "index " + place.str() + " is out of range: " +
                        (x.axes[axis].none() ? "axis " + std::to_string(axis)
                                             : "axis " + x.axes[axis].text) +
                        " has " + size.str() + " elements");
    };
    // Counted from the end if it is known to be negative.
    auto fromEnd = [&](Dim place) {
      return (-place - 1).isKnownNonNegative() ? size + place : place;
    };
    if (item.kind == ast::Item::Named)
      return poison(item.loc, "an index has no names");
    if (item.kind == ast::Item::Value) {
      Val place = eval(*item.value);
      std::optional<Dim> known = sizeOf(place);
      if (known) {
        Dim start = fromEnd(*known);
        if ((-start - 1).isKnownNonNegative() ||
            (start - size).isKnownNonNegative())
          return outOfRange(item.loc, *known);
        starts[axis] = start;
        sizes[axis] = 1;
        sliced = true;
      } else {
        place = materialise(place, Elem::I32, item.loc);
        if (place.isPoison())
          return {};
        if (place.ir->type().elem() != Elem::I32)
          return poison(item.loc, "an index is i32, not " + place.describe());
        if (place.ir->type().rank() != 0)
          return poison(item.loc, "an index is one number, not " +
                                      place.describe() + "; use gather");
        computed.push_back({axis, place.ir});
      }
      dropped[axis] = true;
    } else {
      auto bound = [&](const ast::ExprPtr &expr,
                       Dim standard) -> std::optional<Dim> {
        if (!expr)
          return standard;
        std::optional<Dim> value = dimValue(*expr);
        return value ? std::optional<Dim>(fromEnd(*value)) : std::nullopt;
      };
      std::optional<Dim> begin = bound(item.begin, Dim(0));
      std::optional<Dim> end = bound(item.end, size);
      std::optional<Dim> step =
          item.stride ? dimValue(*item.stride) : std::optional<Dim>(Dim(1));
      if (!begin || !end || !step)
        return {};
      if (!step->isConstant() || step->value() < 1)
        return poison(item.loc, "the step of a slice is 1 or more; use "
                                "reverse(x, over=...) to turn it round");
      Dim length = *end - *begin;
      if ((-*begin - 1).isKnownNonNegative() ||
          (*begin - size - 1).isKnownNonNegative())
        return outOfRange(item.loc, *begin);
      if ((*end - size - 1).isKnownNonNegative())
        return outOfRange(item.loc, *end);
      if ((-length).isKnownNonNegative())
        return poison(item.loc, "this slice is empty: from " + begin->str() +
                                    " to " + end->str());
      Dim count = length.ceilDiv(step->value());
      bool whole = begin->isConstant(0) && count == size;
      starts[axis] = *begin;
      sizes[axis] = count;
      steps[axis] = step->value();
      if (!whole) {
        sliced = true;
        names[axis] = {};
      }
    }
    ++axis;
  }
  at(index.bracketLoc);
  Value *value = x.ir;
  if (sliced)
    value = builder().op("slice", {value},
                         {{"starts", Attr(starts)},
                          {"sizes", Attr(sizes)},
                          {"steps", Attr::ints(steps)}});
  // Computed places from the last axis to the first, which keeps the numbers.
  std::set<int64_t> gone;
  for (size_t i = computed.size(); i-- > 0;) {
    value = builder().op("gather", {value, computed[i].second},
                         {{"axis", Dim(computed[i].first)}});
    gone.insert(computed[i].first);
  }
  Shape kept;
  AxisNames keptNames;
  for (int64_t i = 0; i < rank; ++i)
    if (!dropped[i]) {
      kept.push_back(sizes[i]);
      keptNames.push_back(names[i]);
    }
  return reshapeTo(Val::tensor(value), kept, keptNames);
}

} // namespace nnc
