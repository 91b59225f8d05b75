//===- ast_def.h: definitions ---------------------------------------------===//
#ifndef NNC_FRONTEND_AST_DEF_H
#define NNC_FRONTEND_AST_DEF_H

#include "frontend/ast_stmt.h"

namespace nnc::ast {

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

} // namespace nnc::ast

#endif // NNC_FRONTEND_AST_DEF_H
