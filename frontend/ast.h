//===- ast.h: a .nn file as a tree ----------------------------------------===//
//
// The tree says what was written, and decides nothing that needs scopes: an
// Index may turn out to be the bracket arguments of a function (`range[T]`) or
// an instance of a layer (`Lstm[E, H]`). Depth is bounded: nesting by the check
// before parsing, chains of operators by being lists (Chain), so a walk may
// recurse. Kinds are told apart with `as<T>(node)`; there is no RTTI.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_AST_H
#define NNC_FRONTEND_AST_H

#include "frontend/source.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nnc::ast {

struct Expr;
struct Stmt;
struct Def;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;
using DefPtr = std::unique_ptr<Def>;
using Block = std::vector<StmtPtr>;

/// A name and where it stands. `_` discards.
struct Ident {
  std::string text;
  Loc loc;
  /// Upper case: a dimension, layer, net or optimizer.
  bool isCompileTime() const;
};

/// The same for every node: `as<Call>(expr)` is the call, or null.
template <class T, class Node> const T *as(const Node *node) {
  return node && node->kind == T::theKind ? static_cast<const T *>(node)
                                          : nullptr;
}
template <class T, class Node> const T *as(const std::unique_ptr<Node> &node) {
  return as<T>(static_cast<const Node *>(node.get()));
}

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

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

enum class StmtKind {
  Assign,
  Update,
  Param,
  State,
  Return,
  Yield,
  If,
  Repeat,
  Print,
  Expect,
};

struct Stmt {
  const StmtKind kind;
  Loc loc;
  virtual ~Stmt() = default;

protected:
  explicit Stmt(StmtKind kind) : kind(kind) {}
};

template <StmtKind K> struct StmtOf : Stmt {
  static constexpr StmtKind theKind = K;
  StmtOf() : Stmt(K) {}
};

/// A name, or a tuple of targets: `hs, (h, c) = …`.
struct Target {
  Loc loc;
  Ident name; ///< if there are no elements
  std::vector<Target> elements;
  bool isTuple() const { return !elements.empty(); }
};

/// `a = …`, `a, (b, c) = …`: a tuple is taken apart if there are several.
struct Assign : StmtOf<StmtKind::Assign> {
  std::vector<Target> targets;
  ExprPtr value;
};

/// `mean <- 0.9 * mean + 0.1 * m`.
struct Update : StmtOf<StmtKind::Update> {
  Ident target;
  ExprPtr value;
};

/// `param wq, wk: f32[D, N] = glorot() frozen`.
struct ParamStmt : StmtOf<StmtKind::Param> {
  std::vector<Ident> names;
  Type type;
  ExprPtr init; ///< null if absent
  bool frozen = false;
};

/// `state mean: f32[C] = 0`; in an optimizer without a type.
struct StateStmt : StmtOf<StmtKind::State> {
  std::vector<Ident> names;
  std::optional<Type> type;
  ExprPtr init; ///< null if absent
};

struct Return : StmtOf<StmtKind::Return> {
  ExprPtr value;
};

/// `yield h final (h, c)`.
struct Yield : StmtOf<StmtKind::Yield> {
  ExprPtr value;
  ExprPtr final; ///< null if absent
};

/// `if a { } else if b { } else { }`: the arms in order.
struct If : StmtOf<StmtKind::If> {
  struct Arm {
    Loc loc;
    ExprPtr condition;
    Block body;
  };
  std::vector<Arm> arms;
  bool hasElse = false;
  Block elseBody;
};

/// `repeat 6 { … }` as a statement. `loop` is a Loop.
struct Repeat : StmtOf<StmtKind::Repeat> {
  ExprPtr loop;
};

struct Print : StmtOf<StmtKind::Print> {
  std::vector<ExprPtr> values;
};

/// `expect a == b within 1e-4`, in a test.
struct Expect : StmtOf<StmtKind::Expect> {
  ExprPtr condition;
  ExprPtr within; ///< null if absent
};

//===----------------------------------------------------------------------===//
// Definitions
//===----------------------------------------------------------------------===//

enum class DefKind { Import, Dims, Callable, Train, Test, Binding };

struct Def {
  const DefKind kind;
  Loc loc;
  /// The comment block directly above, a line for each line, without `#`.
  std::string doc;
  virtual ~Def() = default;

protected:
  explicit Def(DefKind kind) : kind(kind) {}
};

template <DefKind K> struct DefOf : Def {
  static constexpr DefKind theKind = K;
  DefOf() : Def(K) {}
};

/// `import "a.nn" as A`.
struct Import : DefOf<DefKind::Import> {
  std::string path;
  Loc pathLoc;
  std::optional<Ident> alias;
};

/// `dim B, H = 28, K = D / N`.
struct Dims : DefOf<DefKind::Dims> {
  struct Entry {
    Ident name;
    ExprPtr value; ///< null: a runtime dimension
  };
  std::vector<Entry> entries;
};

enum class CallableKind { Fn, Layer, Net, Optimizer };
const char *spelling(CallableKind kind);

/// A fn, a layer, a net or an optimizer.
struct Callable : DefOf<DefKind::Callable> {
  /// `[I, O, R = 3]`.
  struct DimParam {
    Ident name;
    ExprPtr init; ///< null if it has no default
  };
  /// `x: f32[B, D] = 0`. Only an optimizer's may have no type.
  struct Param {
    Ident name;
    std::optional<Type> type;
    ExprPtr init; ///< null if it has no default
  };
  CallableKind callable = CallableKind::Fn;
  Ident name;
  std::vector<DimParam> dimParams;
  std::vector<Param> params;
  std::optional<Type> result; ///< absent in an optimizer only
  Block body;
  Loc bodyEnd; ///< of the closing brace
};

/// A clause of a train block, or of a step in it, in file order.
struct TrainItem {
  enum Kind {
    Data,       ///< names (types), values
    Loss,       ///< value
    Optimizer,  ///< value: a Call; patterns
    ClipNorm,   ///< value
    ClipValue,  ///< value
    Batch,      ///< value
    Epochs,     ///< value
    Shuffle,    ///<
    Seed,       ///< value
    Metric,     ///< value; onHeld, or names (types) and values of its own
    Hold,       ///< value
    KeepBest,   ///<
    KeepHighest,
    KeepLowest,
    StopAfter,  ///< value
    Accumulate, ///< value
    Freeze,     ///< paths
    Start,      ///< paths (one), text: the file
    Step,       ///< paths, value: of `every`, or null; items
    Bind,       ///< statement: an Assign
    Print,      ///< statement: a Print
  };
  struct DataName {
    Ident name;
    std::optional<Type> type;
  };
  Kind kind = Loss;
  Loc loc;
  ExprPtr value;
  std::vector<DataName> names;
  std::vector<ExprPtr> values; ///< one for all names, or one for each
  std::vector<String> patterns;
  bool onHeld = false;
  std::vector<Name> paths;
  std::string text;
  Loc textLoc;
  std::vector<TrainItem> items;
  StmtPtr statement;
};
const char *spelling(TrainItem::Kind kind);

/// `train X, Y { … }`.
struct Train : DefOf<DefKind::Train> {
  std::vector<Name> nets;
  std::vector<TrainItem> items;
  Loc bodyEnd;
};

/// `test "…" after train training { … }`.
struct Test : DefOf<DefKind::Test> {
  std::string name;
  bool afterTrain = false;
  bool training = false;
  Block body;
};

/// `step = Step[V, E, H]` at file level.
struct Binding : DefOf<DefKind::Binding> {
  StmtPtr assign; ///< an Assign
};

struct File {
  uint32_t id = 0;
  std::vector<DefPtr> defs;
};

/// A readable tree, an indented line for each node.
std::string print(const File &file, const SourceManager &sources);
/// An expression on one line as a user would write it, for messages.
std::string toSource(const Expr &expr);
std::string toSource(const Type &type);

} // namespace nnc::ast

#endif // NNC_FRONTEND_AST_H
