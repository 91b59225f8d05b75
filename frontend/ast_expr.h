//===- ast_expr.h: types and expressions ----------------------------------===//
#ifndef NNC_FRONTEND_AST_EXPR_H
#define NNC_FRONTEND_AST_EXPR_H

#include "frontend/ast_node.h"

namespace nnc::ast {

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

enum class ElementType { F32, F64, I32, I64, Bool, BF16, F16, I8 };
const char *spelling(ElementType type);

/// `f32[.., I]`: a scalar has no dims. `(A, B)`: a tuple. `axis`, `axes`: a
/// parameter that takes an axis, or several.
struct Type {
  enum Kind { Tensor, Tuple, Axis, Axes };
  /// `..` has no size.
  struct Dim {
    Loc loc;
    ExprPtr size;
    bool isEllipsis() const { return !size; }
  };
  Kind kind = Tensor;
  Loc loc;
  ElementType element = ElementType::F32;
  std::vector<Dim> dims;
  std::vector<Type> elements;
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

enum class ExprKind {
  Number,
  Bool,
  String,
  Training,
  Name,
  List,
  Tuple,
  Unary,
  Chain,
  Compare,
  Call,
  Cast,
  Index,
  Member,
  Contraction,
  Loop,
};

struct Expr {
  const ExprKind kind;
  /// The first character; of a Chain, Compare or Contraction that of its first
  /// operand. Operators have their own place.
  Loc loc;
  virtual ~Expr() = default;

protected:
  explicit Expr(ExprKind kind) : kind(kind) {}
};

template <ExprKind K> struct ExprOf : Expr {
  static constexpr ExprKind theKind = K;
  ExprOf() : Expr(K) {}
};

/// `3`, `1e-5`. The text is a whole number (any length) or a decimal.
struct Number : ExprOf<ExprKind::Number> {
  std::string text;
  bool isInteger = false;
};

struct Bool : ExprOf<ExprKind::Bool> {
  bool value = false;
};

/// Escapes are resolved.
struct String : ExprOf<ExprKind::String> {
  std::string value;
};

/// The compile-time boolean `training`.
struct Training : ExprOf<ExprKind::Training> {};

/// `x`, `D`, `Dense`, and dotted: `enc.w`, `A.Dense`. Never empty.
struct Name : ExprOf<ExprKind::Name> {
  std::vector<Ident> path;
  const Ident &first() const { return path.front(); }
  bool isSimple() const { return path.size() == 1; }
  /// The path with its dots.
  std::string text() const;
};

/// `[a, b]`: a tensor literal, or a list of axes or sizes, as its use demands.
struct List : ExprOf<ExprKind::List> {
  std::vector<ExprPtr> items;
};

/// `(a, b)`: two elements or more.
struct Tuple : ExprOf<ExprKind::Tuple> {
  std::vector<ExprPtr> items;
};

enum class UnaryOp { Neg, Not };
struct Unary : ExprOf<ExprKind::Unary> {
  UnaryOp op = UnaryOp::Neg;
  ExprPtr operand;
};

enum class BinaryOp { Or, And, Add, Sub, Mul, Div, MatMul, Pow };
const char *spelling(BinaryOp op);

/// `a + b - c`: operators of one precedence, from left to right. A `^` stands
/// alone: its right side is the one link's operand, which may be a `^` again.
struct Chain : ExprOf<ExprKind::Chain> {
  struct Link {
    BinaryOp op;
    Loc opLoc;
    ExprPtr operand;
  };
  ExprPtr first;
  std::vector<Link> rest;
};

enum class CompareOp { Eq, Ne, Lt, Le, Gt, Ge };
const char *spelling(CompareOp op);
struct Compare : ExprOf<ExprKind::Compare> {
  CompareOp op = CompareOp::Eq;
  Loc opLoc;
  ExprPtr lhs, rhs;
};

/// One entry of an index or of bracket arguments.
struct Item {
  enum Kind {
    Ellipsis, ///< `..`
    Value,    ///< `3`, `T`, `N*K`, `-1`
    Named,    ///< `O = 4`
    Slice,    ///< `a:b:c`, each part may be absent (null)
  };
  Kind kind = Value;
  Loc loc;
  Ident name;                 ///< Named
  ExprPtr value;              ///< Value, Named
  ExprPtr begin, end, stride; ///< Slice
};

/// An argument in parentheses. In `csv("f", x = 0:4)` the value is a slice.
struct Arg {
  Ident name; ///< empty if it goes by position
  Item item;  ///< Value or Slice
  Loc loc() const { return name.text.empty() ? item.loc : name.loc; }
};

/// `f(x)`, `Dense[I, O](x, bias = false)`. A pipe `x |> f(a)` is the call
/// `f(x, a)`, and `x |> f` is `f(x)`.
struct Call : ExprOf<ExprKind::Call> {
  ExprPtr callee; ///< a Name; anything else is not callable
  bool hasBrackets = false;
  Loc bracketLoc;
  std::vector<Item> bracketArgs;
  std::vector<Arg> args;
  bool isPiped = false; ///< args[0] stood left of `|>`
  Loc pipeLoc;          ///< of the `|>`
  Loc closeLoc;         ///< of the `)`, if it has one
};

/// `f32(mask)`.
struct Cast : ExprOf<ExprKind::Cast> {
  ElementType element = ElementType::F32;
  ExprPtr operand;
};

/// `x[0:3]`, and, if the base names no local value, bracket arguments without a
/// call: `zeros[B, H]`, `cell = Lstm[E, H]`.
struct Index : ExprOf<ExprKind::Index> {
  ExprPtr base;
  Loc bracketLoc;
  std::vector<Item> items;
};

/// `f(x).w`: the member of what is not a plain path (see Name).
struct Member : ExprOf<ExprKind::Member> {
  ExprPtr base;
  Ident member;
};

/// An axis in a contraction: `T`, `N*K`, `1` (no factors), `..`.
struct Axis {
  Loc loc;
  bool isEllipsis = false;
  std::vector<Ident> factors;
};

/// `q[B, T, K] * k[B, S, K] -> [B, T, S]`.
///
/// An operand's last brackets are its axis list and not part of `value`, with
/// one exception that needs scopes: if `value` is a Name of a function (and so
/// not a local value), the brackets are that function's arguments, and the
/// operand has no list.
struct Contraction : ExprOf<ExprKind::Contraction> {
  struct Operand {
    ExprPtr value;
    bool hasBrackets = false;
    Loc bracketLoc;
    std::vector<Item> brackets;
  };
  std::vector<Operand> operands; ///< factors of a product; at least one
  Loc arrowLoc;
  std::vector<Axis> result;
};

enum class LoopKind { Scan, Fold, Repeat };
const char *spelling(LoopKind kind);

/// `scan x in xs along T backward until done carry h = 0 { … yield h }`,
/// `fold …`, `repeat 6 { … }`, `repeat k, v in ks, vs along L { … }`.
struct Loop : ExprOf<ExprKind::Loop> {
  struct Carry {
    Ident name;
    ExprPtr init;
  };
  LoopKind loop = LoopKind::Scan;
  ExprPtr count;                  ///< `repeat 6`; else null
  std::vector<Ident> elements;    ///< `x` in `x in xs`
  std::vector<ExprPtr> sequences; ///< as many as elements
  ExprPtr along;                  ///< the axis; null if not given
  bool backward = false;
  ExprPtr until; ///< null if absent
  std::vector<Carry> carries;
  Block body;
  Loc bodyEnd; ///< of the closing brace
};

/// An expression on one line as a user would write it, for messages.
std::string toSource(const Expr &expr);
std::string toSource(const Type &type);

} // namespace nnc::ast

#endif // NNC_FRONTEND_AST_EXPR_H
