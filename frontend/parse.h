//===- parse.h: from text to the tree -------------------------------------===//
#ifndef NNC_FRONTEND_PARSE_H
#define NNC_FRONTEND_PARSE_H

#include "frontend/ast.h"
#include "frontend/diagnostic.h"

namespace nnc {

/// Parses a file of `sources`. Returns null if it has an error, which is then
/// in `sink`; a definition with an error does not hide errors in later ones.
std::unique_ptr<ast::File> parseFile(const SourceManager &sources,
                                     uint32_t fileId, DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_PARSE_H
