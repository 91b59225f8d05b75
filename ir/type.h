//===- ir/type.h - Types of values ----------------------------------------===//
//
// Types are immutable and shared; equality is structural. The names that a
// program gives to its axes are the front end's business: they are checked
// there and are gone here.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_TYPE_H
#define NNC_IR_TYPE_H

#include "ir/dim.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nnc {

enum class Elem { Bool, I32, I64, F32, F64 };

/// "bool", "i32", "i64", "f32", "f64"
std::string_view elemName(Elem elem);
std::optional<Elem> elemFromName(std::string_view name);
int64_t elemBytes(Elem elem);
inline bool isFloat(Elem elem) { return elem >= Elem::F32; }
inline bool isInteger(Elem elem) {
  return elem == Elem::I32 || elem == Elem::I64;
}

using Shape = std::vector<Dim>;

/// The number of elements.
Dim elementCount(const Shape &shape);

class Type {
public:
  enum Kind {
    Tensor, ///< `f32[B, 10]`; of rank 0, a scalar: `f32`. A value.
    Vector, ///< `f32<16>`: a register's worth of lanes. Loop IR only.
    Buffer, ///< `buffer f32[B, 10]`: memory. Loop IR only.
  };

  /// No type at all; to be assigned before use.
  Type() = default;
  static Type tensor(Elem elem, Shape shape);
  static Type scalar(Elem elem) { return tensor(elem, {}); }
  static Type vector(Elem elem, int64_t lanes);
  static Type buffer(Elem elem, Shape shape);

  explicit operator bool() const { return node != nullptr; }
  Kind kind() const { return node->kind; }
  bool isTensor() const { return kind() == Tensor; }
  bool isVector() const { return kind() == Vector; }
  bool isBuffer() const { return kind() == Buffer; }
  bool isScalar() const { return isTensor() && rank() == 0; }

  Elem elem() const { return node->elem; }
  const Shape &shape() const { return node->shape; }
  int64_t rank() const { return static_cast<int64_t>(node->shape.size()); }
  const Dim &dim(int64_t axis) const { return node->shape[axis]; }
  int64_t lanes() const { return node->lanes; }

  Type withElem(Elem elem) const;
  Type withShape(Shape shape) const;

  bool operator==(const Type &other) const;
  std::string str() const;

private:
  struct Node {
    Kind kind;
    Elem elem;
    Shape shape;
    int64_t lanes = 0;
  };
  explicit Type(Node node) : node(std::make_shared<const Node>(node)) {}
  std::shared_ptr<const Node> node;
};

} // namespace nnc

#endif // NNC_IR_TYPE_H
