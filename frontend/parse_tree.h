//===- parse_tree.h: a file as ANTLR's tree -------------------------------===//
//
// Private to the parsing half.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_PARSE_TREE_H
#define NNC_FRONTEND_PARSE_TREE_H

#include "frontend/syntax_error.h"

namespace nnc {

/// The tokens of a file and the tree over them, which lives as long as they do.
/// A token's index in the tree is its place among the visible ones.
struct ParseTree {
  ParseTree(const SourceManager &sources, uint32_t fileId)
      : tokens(sources, fileId) {}

  Tokens tokens;
  std::unique_ptr<PartParser> parser;
  grammar::NNParser::FileContext *root = nullptr;
};

/// Parses a file. Null if it has an error, which is then in `sink`; a
/// definition with an error does not hide errors in later ones.
std::unique_ptr<ParseTree> parseText(const SourceManager &sources,
                                     uint32_t fileId, DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_PARSE_TREE_H
