//===- ast_stmt.h: statements ---------------------------------------------===//
#ifndef NNC_FRONTEND_AST_STMT_H
#define NNC_FRONTEND_AST_STMT_H

#include "frontend/ast_expr.h"

namespace nnc::ast {

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

} // namespace nnc::ast

#endif // NNC_FRONTEND_AST_STMT_H
