#include "ir/type.h"

namespace nnc {

static constexpr std::string_view elemNames[] = {"bool", "i32", "i64", "f32",
                                                 "f64"};
static constexpr int64_t elemSizes[] = {1, 4, 8, 4, 8};

std::string_view elemName(Elem elem) {
  return elemNames[static_cast<int>(elem)];
}

std::optional<Elem> elemFromName(std::string_view name) {
  for (int i = 0; i < 5; ++i)
    if (elemNames[i] == name)
      return static_cast<Elem>(i);
  return std::nullopt;
}

int64_t elemBytes(Elem elem) { return elemSizes[static_cast<int>(elem)]; }

Dim elementCount(const Shape &shape) {
  Dim count = 1;
  for (const Dim &dim : shape)
    count = count * dim;
  return count;
}

Type Type::tensor(Elem elem, Shape shape) {
  return Type(Node{Tensor, elem, std::move(shape)});
}

Type Type::vector(Elem elem, int64_t lanes) {
  return Type(Node{Vector, elem, {}, lanes});
}

Type Type::buffer(Elem elem, Shape shape) {
  return Type(Node{Buffer, elem, std::move(shape)});
}

Type Type::withElem(Elem elem) const {
  Node copy = *node;
  copy.elem = elem;
  return Type(std::move(copy));
}

Type Type::withShape(Shape shape) const {
  Node copy = *node;
  copy.shape = std::move(shape);
  return Type(std::move(copy));
}

bool Type::operator==(const Type &other) const {
  if (node == other.node)
    return true;
  return node && other.node && node->kind == other.node->kind &&
         node->elem == other.node->elem && node->lanes == other.node->lanes &&
         node->shape == other.node->shape;
}

std::string Type::str() const {
  if (!node)
    return "<none>";
  std::string text = isBuffer() ? "buffer " : "";
  text += elemName(elem());
  if (isVector())
    return text + "<" + std::to_string(lanes()) + ">";
  if (rank() == 0)
    return text;
  text += "[";
  for (int64_t axis = 0; axis < rank(); ++axis)
    text += (axis ? ", " : "") + dim(axis).str();
  return text + "]";
}

} // namespace nnc
