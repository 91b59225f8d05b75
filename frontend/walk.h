//===- walk.h: every expression of a block, in the order of the text ------===//
#ifndef NNC_FRONTEND_WALK_H
#define NNC_FRONTEND_WALK_H

#include "frontend/ast_stmt.h"

#include <functional>

namespace nnc {

using ExprVisitor = std::function<void(const ast::Expr &)>;

/// Calls `visit` with an expression and everything in it.
void forEachExpr(const ast::Expr &expr, const ExprVisitor &visit);
void forEachExpr(const ast::Block &block, const ExprVisitor &visit);
/// Calls `visit` with every statement, also those of inner blocks.
void forEachStmt(const ast::Block &block,
                 const std::function<void(const ast::Stmt &)> &visit);
/// Calls `visit` with each name that the block assigns for what follows it:
/// also in a `repeat`, but not in the body of a scan.
void forEachAssigned(const ast::Block &block,
                     const std::function<void(const ast::Ident &)> &visit);
/// Whether an expression or a type of the block mentions the name.
bool mentions(const ast::Block &block, const std::string &name);

} // namespace nnc

#endif // NNC_FRONTEND_WALK_H
