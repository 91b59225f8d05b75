//===- ast_node.h: what all nodes of the tree have ------------------------===//
//
// The tree says what was written, and decides nothing that needs scopes: an
// Index may turn out to be the bracket arguments of a function (`range[T]`) or
// an instance of a layer (`Lstm[E, H]`). Depth is bounded: nesting by the check
// before parsing, chains of operators by being lists (Chain), so a walk may
// recurse. Kinds are told apart with `as<T>(node)`; there is no RTTI.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_AST_NODE_H
#define NNC_FRONTEND_AST_NODE_H

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

} // namespace nnc::ast

#endif // NNC_FRONTEND_AST_NODE_H
