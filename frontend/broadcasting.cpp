//===- broadcasting.cpp: axes aligned at the right, by name ---------------===//
#include "frontend/expression_elaborator.h"

namespace nnc {

static Shape shapeOf(const Val &value) {
  if (value.isTensor())
    return value.ir->type().shape();
  return value.isLiteral() ? value.literal->shape : Shape();
}

static AxisNames axesOfValue(const Val &value) {
  AxisNames axes = value.isTensor()    ? value.axes
                   : value.isLiteral() ? value.literal->axes
                                       : AxisNames();
  axes.resize(shapeOf(value).size());
  return axes;
}

std::optional<ExpressionElaborator::Aligned>
ExpressionElaborator::align(const std::vector<Val> &values, Loc loc) {
  Aligned result;
  for (const Val &value : values) {
    Shape shape = shapeOf(value);
    AxisNames axes = axesOfValue(value);
    if (shape.size() > result.shape.size()) {
      size_t more = shape.size() - result.shape.size();
      result.shape.insert(result.shape.begin(), shape.begin(),
                          shape.begin() + more);
      result.axes.insert(result.axes.begin(), axes.begin(),
                         axes.begin() + more);
    }
    size_t offset = result.shape.size() - shape.size();
    for (size_t i = 0; i < shape.size(); ++i) {
      Dim &size = result.shape[offset + i];
      AxisName &name = result.axes[offset + i];
      bool grows = size.isConstant(1) && name.none();
      bool stretches = shape[i].isConstant(1) && axes[i].none();
      if (!name.none() && !axes[i].none() && !(name == axes[i])) {
        std::string hint;
        if (shapeOf(values[0]).size() != shape.size())
          hint = "; if the shorter one is a reduction, keep=true keeps its "
                 "axis";
        Diagnostic &message =
            typeError(loc, "axis " + name.text + " of " + values[0].describe() +
                               " meets axis " + axes[i].text + " of " +
                               value.describe() + hint);
        for (const Val &each : {values[0], value})
          if (!hint.empty() && each.keepLoc.valid())
            message.fix(each.keepLoc, 0, ", keep=true");
        if (name.origin.valid())
          message.note(name.origin, "axis " + name.text + " comes from here");
        if (axes[i].origin.valid())
          message.note(axes[i].origin,
                       "axis " + axes[i].text + " comes from here");
        return std::nullopt;
      }
      if (!(size == shape[i]) && !grows && !stretches) {
        std::string which =
            name.none() ? axes[i].none() ? "an axis" : "axis " + axes[i].text
                        : "axis " + name.text;
        Diagnostic &message = error(
            loc, which + " is " + size.str() + " in " + values[0].describe() +
                     " but " + shape[i].str() + " in " + value.describe());
        if (!name.none() && name.origin.valid())
          message.note(name.origin, "axis " + name.text + " comes from here");
        return std::nullopt;
      }
      if (grows && !(size == shape[i]))
        size = shape[i];
      if (name.none())
        name = axes[i];
    }
  }
  return result;
}

Value *ExpressionElaborator::stretch(const Val &value, const Shape &shape) {
  Value *ir = value.ir;
  Shape from = ir->type().shape();
  if (from == shape)
    return ir;
  // Broadcast only makes axes: an axis of size 1 that stretches goes first.
  std::vector<int64_t> axes;
  Shape kept;
  size_t offset = shape.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i].isConstant(1) && !(shape[offset + i] == from[i]))
      continue;
    axes.push_back(static_cast<int64_t>(offset + i));
    kept.push_back(from[i]);
  }
  if (kept.size() != from.size())
    ir = builder().op("reshape", {ir}, {}, {ir->type().withShape(kept)});
  return builder().op("broadcast", {ir}, {{"axes", Attr::ints(axes)}},
                      {ir->type().withShape(shape)});
}

/// A carry of unknown shape takes that of the values it meets.
void ExpressionElaborator::resolveFreshOf(const std::vector<Val> &values,
                                          std::optional<Elem> elem, Loc loc) {
  std::vector<Val> known;
  bool any = false;
  for (const Val &value : values)
    if (value.isLiteral() && value.literal->fresh)
      any = true;
    else
      known.push_back(value);
  if (!any)
    return;
  std::optional<Aligned> aligned = align(known, loc);
  for (const Val &value : values)
    if (aligned && value.isLiteral() && value.literal->fresh)
      resolveFresh(*value.literal,
                   Type::tensor(elem.value_or(floatElem()), aligned->shape),
                   aligned->axes);
}

std::optional<ExpressionElaborator::Aligned>
ExpressionElaborator::unify(std::vector<Val> &values, std::optional<Elem> elem,
                            Loc loc, bool sameElem) {
  const Val *typed = nullptr;
  bool allBool = true;
  for (const Val &value : values) {
    if (value.isPoison())
      return std::nullopt;
    bool boolLiteral =
        value.isLiteral() && value.literal->kind == LiteralKind::Bool;
    allBool &= boolLiteral;
    std::optional<Elem> own = value.isTensor()    ? value.ir->type().elem()
                              : value.isLiteral() ? value.literal->elem
                                                  : std::nullopt;
    if (!own)
      continue;
    if (sameElem && typed && typed->isTensor() && value.isTensor() &&
        typed->ir->type().elem() != *own) {
      std::string first(elemName(typed->ir->type().elem()));
      std::string second(elemName(*own));
      typeError(loc, first + " and " + second +
                         " do not mix; convert one with " +
                         (isFloat(*own) ? second : first) + "(...)");
      return std::nullopt;
    }
    if (!typed || !typed->isTensor())
      typed = &value;
    if (!elem || value.isTensor())
      elem = own;
  }
  // Of a bool and a number, the bool is refused.
  if (!elem)
    elem = allBool ? Elem::Bool : floatElem();
  resolveFreshOf(values, elem, loc);
  for (Val &value : values) {
    value = materialise(value, elem, loc);
    if (value.isPoison())
      return std::nullopt;
  }
  std::optional<Aligned> aligned = align(values, loc);
  if (!aligned)
    return std::nullopt;
  for (Val &value : values) {
    at(loc);
    value = Val::tensor(stretch(value, aligned->shape), aligned->axes);
  }
  return aligned;
}

Val ExpressionElaborator::transpose(Val value,
                                    const std::vector<int64_t> &permutation) {
  bool identity = true;
  AxisNames axes;
  for (size_t i = 0; i < permutation.size(); ++i) {
    identity &= permutation[i] == static_cast<int64_t>(i);
    axes.push_back(value.axes[permutation[i]]);
  }
  if (identity)
    return value;
  return Val::tensor(builder().op("transpose", {value.ir},
                                  {{"permutation", Attr::ints(permutation)}}),
                     axes);
}

Val ExpressionElaborator::reshapeTo(Val value, Shape shape, AxisNames axes) {
  if (value.ir->type().shape() == shape)
    return Val::tensor(value.ir, std::move(axes));
  Type type = value.ir->type().withShape(std::move(shape));
  return Val::tensor(builder().op("reshape", {value.ir}, {}, {type}),
                     std::move(axes));
}

} // namespace nnc
