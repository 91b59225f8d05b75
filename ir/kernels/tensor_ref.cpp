#include "ir/kernels/tensor_ref.h"

#include <charconv>

namespace nnc {

TensorRef TensorRef::whole(Value *buffer) {
  TensorRef ref{buffer, {}};
  for (int64_t axis = 0; axis < buffer->type().rank(); ++axis)
    ref.index.push_back(at(axis));
  return ref;
}

static Shape replaceAxes(const Shape &index, const Shape &element) {
  Shape result;
  for (const Dim &entry : index)
    result.push_back(
        entry.substitute([&](std::string_view name) -> std::optional<Dim> {
          if (name[0] != '@')
            return std::nullopt;
          size_t axis = 0;
          std::from_chars(name.data() + 1, name.data() + name.size(), axis);
          return element[axis];
        }));
  return result;
}

Shape TensorRef::resolve(const Shape &element) const {
  return replaceAxes(index, element);
}

TensorRef TensorRef::slice(int64_t axis, const Dim &place) const {
  Shape element;
  int64_t own = 0;
  for (size_t i = 0; i <= index.size(); ++i)
    element.push_back(static_cast<int64_t>(i) == axis ? place : at(own++));
  return {buffer, replaceAxes(index, element)};
}

bool TensorRef::isFixed() const {
  bool isFixed = true;
  for (const Dim &entry : index)
    entry.forEachSymbol(
        [&](const std::string &symbol) { isFixed &= symbol.starts_with('@'); });
  return isFixed;
}

bool TensorRef::isWhole() const {
  for (size_t axis = 0; axis < index.size(); ++axis)
    if (!(index[axis] == at(static_cast<int64_t>(axis))))
      return false;
  return true;
}

Dim linearOffset(const Type &buffer, const Shape &index) {
  Dim offset = 0;
  for (int64_t axis = 0; axis < buffer.rank(); ++axis)
    offset = offset * buffer.dim(axis) + index[axis];
  return offset;
}

} // namespace nnc
