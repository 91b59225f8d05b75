//===- op_pages.h: every op and rule on a page of documentation -----------===//
#ifndef NNC_TOOLS_OP_PAGES_H
#define NNC_TOOLS_OP_PAGES_H

#include <ostream>

namespace nnc {

/// Writes docs/ops.md: each op with what it does, its attributes, where it may
/// stand, whether it has a derivative, and its first example. In Markdown.
void documentOps(std::ostream &out);

/// Writes docs/rules.md: each pass and each rule, with its sentence.
void documentRules(std::ostream &out);

} // namespace nnc

#endif // NNC_TOOLS_OP_PAGES_H
