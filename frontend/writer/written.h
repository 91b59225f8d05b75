//===- written.h: a value as text -----------------------------------------===//
#ifndef NNC_FRONTEND_WRITER_WRITTEN_H
#define NNC_FRONTEND_WRITER_WRITTEN_H

#include "ir/type.h"

#include <string>
#include <vector>

namespace nnc {

/// How tightly the outermost operator of an expression binds: the rules of
/// grammar/NN.g4, loosest first.
enum class Binding {
  Or,
  And,
  Not,
  Compare,
  Flow,
  Sum,
  Product,
  Minus,
  Power,
  Postfix,
  Primary
};

/// An expression, and what the front end will know of its value.
struct Written {
  std::string text;
  Binding binding = Binding::Primary;
  Shape shape;
  std::vector<std::string> axes; ///< Their names; empty where there is none.
  /// A literal or a size: it takes its element type and shape from where it
  /// stands.
  bool isNumber = false;
  bool isSize = false; ///< A number that is not known when compiling.

  /// The text where something binds as tightly as `least`.
  std::string at(Binding least) const {
    return binding < least ? "(" + text + ")" : text;
  }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
};

/// A call's text.
inline Written call(std::string text, Shape shape,
                    std::vector<std::string> axes) {
  return {std::move(text), Binding::Postfix, std::move(shape), std::move(axes)};
}

/// A shape of `rank` axes: `shape` at these, and 1 elsewhere.
Shape withOnes(const Shape &shape, int64_t rank,
               const std::vector<int64_t> &axes);
/// The shortest literal that reads back as this element; infinities and NaN are
/// quotients.
Written numberText(double value, Elem elem);
/// An integer expression over sizes.
Written dimText(const Dim &dim);
/// "[B, 2*T]"
std::string sizesText(const Shape &shape);
/// The name that an axis has after `reshape(x, [..])`: that of its size.
std::string nameOfSize(const Dim &size);
/// The names of all axes then.
std::vector<std::string> namesOfSizes(const Shape &shape);

} // namespace nnc

#endif // NNC_FRONTEND_WRITER_WRITTEN_H
