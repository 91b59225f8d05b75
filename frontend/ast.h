//===- ast.h: a .nn file as a tree, whole ---------------------------------===//
#ifndef NNC_FRONTEND_AST_H
#define NNC_FRONTEND_AST_H

#include "frontend/ast_train.h"

namespace nnc::ast {

/// A readable tree, an indented line for each node.
std::string print(const File &file, const SourceManager &sources);

} // namespace nnc::ast

#endif // NNC_FRONTEND_AST_H
