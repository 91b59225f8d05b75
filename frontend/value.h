//===- value.h: what an expression of the program is, while it elaborates -===//
#ifndef NNC_FRONTEND_VALUE_H
#define NNC_FRONTEND_VALUE_H

#include "frontend/source.h"
#include "ir/op.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nnc::ast {
struct Callable;
} // namespace nnc::ast

namespace nnc {

/// An axis's name. Names of two scopes are different, so that a callee's names
/// and its caller's cannot be confused; 0 and below are for the constants of
/// files.
struct AxisName {
  int scope = 0;
  std::string text; ///< empty: an axis without a name
  Loc origin;       ///< where the axis got its name

  bool none() const { return text.empty(); }
  bool operator==(const AxisName &other) const {
    return text == other.text && (none() || scope == other.scope);
  }
};
using AxisNames = std::vector<AxisName>;

enum class LiteralKind { Bool, Integer, Float };

/// Numbers known while compiling, which have no element type yet. If they have
/// a name in the program, every use is one IR value, so that a derivative can
/// be taken by it.
struct Literal {
  LiteralKind kind = LiteralKind::Integer;
  Shape shape;
  std::vector<double> data; ///< empty if it is a column of data
  std::optional<Elem> elem; ///< what its first use made of it
  Value *value = nullptr;
  bool named = false;
  std::function<Value *(Elem)> make; ///< for a named one
  /// A carry that starts as 0, of which nothing has told the shape yet; then
  /// its zeros go to the start of `block`, and its axes have these names.
  bool fresh = false;
  Block *block = nullptr;
  AxisNames axes;
  bool isScalar() const { return shape.empty(); }
};

struct Instance;

/// The value of an expression.
struct Val {
  enum Kind {
    Poison,   ///< An error was reported; silent from here on.
    Tensor,   ///< ir, axes
    Literal,  ///< literal
    Size,     ///< size: a dimension as a number
    Text,     ///< text
    Tuple,    ///< items
    Axes,     ///< axisNames or position
    Instance, ///< a bound layer
  };
  Kind kind = Poison;
  Value *ir = nullptr;
  AxisNames axes;
  std::shared_ptr<nnc::Literal> literal;
  Dim size;
  std::string text;
  std::vector<Val> items;
  std::vector<int64_t> positions; ///< Axes given by number.
  std::shared_ptr<nnc::Instance> instance;
  Loc keepLoc; ///< Of a reduction: where `keep=true` could stand in its call.

  bool isPoison() const { return kind == Poison; }
  bool isTensor() const { return kind == Tensor; }
  bool isLiteral() const { return kind == Literal; }
  bool isNumber() const { return isTensor() || isLiteral() || kind == Size; }

  static Val tensor(Value *ir, AxisNames axes);
  static Val tensor(Value *ir);
  static Val number(double value, LiteralKind kind);
  static Val boolean(bool value) { return number(value, LiteralKind::Bool); }
  static Val dimension(Dim size);
  static Val tuple(std::vector<Val> items);
  /// "f32[B, 3]", "a tuple", "a number".
  std::string describe() const;
};

/// `[B, T]`, with `..`-less names; an axis without a name shows its size.
std::string describeAxes(const AxisNames &axes, const Shape &shape);

struct FileScope;
struct LoopState;

/// What a dimension's name means in one activation.
struct BoundDim {
  Dim size;
  AxisName outer; ///< the caller's axis that it stands for, or none
  Loc origin;
  bool isFileConstant = false;
};

/// A bracket argument: a number, with the axis name that it carries.
struct DimArg {
  Dim size;
  AxisName axis;
  Loc loc;
};

/// A layer with its bracket arguments and a name: every call shares it.
struct Instance {
  const ast::Callable *callable = nullptr;
  const FileScope *file = nullptr;
  std::map<std::string, DimArg> dims;
  std::string path;
  LoopState *stacked = nullptr; ///< See Frame.
  bool isShared = false; ///< Bound outside of the definition that calls it.
};

} // namespace nnc

#endif // NNC_FRONTEND_VALUE_H
