#include "ir/kernels/collapse.h"

#include <algorithm>

namespace nnc {

namespace {

/// An axis and the one further in, which becomes the only one: its place is
/// outer * extent of inner + inner.
class Pair {
public:
  Pair(const AxisRange &outer, const AxisRange &inner)
      : outer(outer), inner(inner) {}

  /// Whether the two are one for an access, whose subscripts of its buffer are
  /// `index`.
  bool isOneAxisOf(const NestCode::Access &access, const Shape &index) const {
    if (std::none_of(index.begin(), index.end(), uses))
      return true;
    return !access.fill && (isOneSubscript(index) || isLastTwo(access, index));
  }

  /// The access by the new axis, which has the name of the inner one.
  NestCode::Access collapse(LoopBuilder &loops, const NestCode::Access &access,
                            Shape index) const {
    Value *buffer = access.ref.buffer;
    if (std::any_of(index.begin(), index.end(), uses)) {
      if (isOneSubscript(index)) {
        for (Dim &entry : index)
          entry = withoutOuter(entry);
      } else {
        Dim last = index.back();
        index.pop_back();
        index.back() = withoutOuter(index.back()) * inner.extent + last;
        buffer = withoutLastAxis(loops, buffer);
      }
    }
    return {TensorRef::whole(buffer), index};
  }

  AxisRange axis() const {
    return {inner.name, outer.start * inner.extent, outer.extent * inner.extent,
            outer.most() * inner.extent};
  }

private:
  const AxisRange &outer, &inner;
  std::function<bool(const Dim &)> uses = [this](const Dim &entry) {
    return entry.uses(outer.name) || entry.uses(inner.name);
  };

  Dim withoutOuter(const Dim &entry) const {
    return entry.substitute([&](std::string_view name) -> std::optional<Dim> {
      return name == outer.name ? std::optional<Dim>(0) : std::nullopt;
    });
  }

  /// One subscript has both, as the tile of a product does.
  bool isOneSubscript(const Shape &index) const {
    if (std::count_if(index.begin(), index.end(), uses) != 1)
      return false;
    const Dim &entry = *std::find_if(index.begin(), index.end(), uses);
    std::optional<Dim> far = entry.coefficientOf(outer.name),
                       near = entry.coefficientOf(inner.name);
    return far && near && near->isConstant() && *far == *near * inner.extent;
  }

  /// The last two subscripts are theirs, and the inner one covers its axis.
  bool isLastTwo(const NestCode::Access &access, const Shape &index) const {
    if (index.size() < 2 ||
        std::count_if(index.begin(), index.end(), uses) != 2)
      return false;
    const Dim &far = index[index.size() - 2], &near = index.back();
    std::optional<Dim> step = far.coefficientOf(outer.name);
    return near.asSymbol() == inner.name && !far.uses(inner.name) && step &&
           step->isConstant(1) &&
           access.ref.buffer->type().shape().back() == inner.extent;
  }

  static Value *withoutLastAxis(LoopBuilder &loops, Value *buffer) {
    Shape shape = buffer->type().shape();
    Dim last = shape.back();
    shape.pop_back();
    shape.back() = shape.back() * last;
    return loops.builder.op("view", {buffer}, {},
                            {Type::buffer(buffer->type().elem(), shape)});
  }
};

} // namespace

static bool namesAxis(const Block *body, const std::string &axis) {
  if (body)
    for (const auto &op : body->operations())
      if (op->is("axis") && op->attr("value").asDim().uses(axis))
        return true;
  return false;
}

NestCode collapsed(LoopBuilder &loops, const NestCode &code) {
  NestCode result = code;
  if (code.isStencil || code.accumulates || !code.loaded.empty())
    return result;
  while (result.parallel.size() >= 2) {
    const AxisRange &outer = result.parallel[result.parallel.size() - 2],
                    &inner = result.parallel.back();
    Pair pair(outer, inner);
    bool fits = !outer.extent.isConstant(1) && inner.extent.isConstant() &&
                inner.start.isConstant(0) &&
                !namesAxis(code.body, outer.name) &&
                !namesAxis(code.body, inner.name);
    for (const auto *list : {&result.loads, &result.stores})
      for (const NestCode::Access &access : *list)
        fits &= pair.isOneAxisOf(access, access.ref.resolve(access.map));
    if (!fits)
      break;
    for (auto *list : {&result.loads, &result.stores})
      for (NestCode::Access &access : *list) {
        std::optional<double> fill = access.fill;
        access = pair.collapse(loops, access, access.ref.resolve(access.map));
        access.fill = fill;
      }
    AxisRange axis = pair.axis();
    result.parallel.pop_back();
    result.parallel.back() = axis;
  }
  return result;
}

} // namespace nnc
