#include "frontend/parse.h"

#include "frontend/ast_builder.h"
#include "frontend/parse_tree.h"
#include "frontend/text_check.h"

namespace nnc {

namespace {

/// Whether a definition seems to begin at a token: its reserved word and what
/// must follow it.
bool beginsDefinition(const Tokens &tokens, size_t at) {
  size_t next = tokens.visible[at + 1]->getType();
  switch (tokens.visible[at]->getType()) {
  case NNLexer::FN:
  case NNLexer::LAYER:
  case NNLexer::NET:
  case NNLexer::DIM:
  case NNLexer::OPTIMIZER:
    return next == NNLexer::UP || next == NNLexer::LOW;
  case NNLexer::TRAIN:
    return next == NNLexer::UP;
  case NNLexer::TEST:
  case NNLexer::IMPORT:
    return next == NNLexer::STRING || next == NNLexer::OPEN_STRING ||
           next == NNLexer::UP || next == NNLexer::LOW;
  default:
    return false;
  }
}

/// Where definitions begin, as far as reserved words show it: enough to go on
/// after an error. The first part begins at 0, the last ends at EOF.
std::vector<size_t> partStarts(const Tokens &tokens) {
  std::vector<size_t> starts{0};
  int depth = 0;
  for (size_t i = 1; i + 1 < tokens.visible.size(); ++i) {
    size_t type = tokens.visible[i]->getType();
    depth += (type == NNLexer::LBRACE) - (type == NNLexer::RBRACE);
    // In a train block stands `optimizer Adam(...)`.
    bool clause = type == NNLexer::OPTIMIZER && depth > 0;
    if (clause || !beginsDefinition(tokens, i))
      continue;
    starts.push_back(i);
    depth = 0;
  }
  return starts;
}

/// The file has an error: finds it, and those in other definitions.
void reportErrors(const Tokens &tokens, DiagnosticSink &sink) {
  std::vector<size_t> starts = partStarts(tokens);
  starts.push_back(tokens.visible.size() - 1);
  for (size_t i = 0; i + 1 < starts.size(); ++i) {
    bool bad = false;
    for (size_t k = starts[i]; k < starts[i + 1]; ++k)
      bad |= reportBadToken(tokens, tokens.visible[k], sink);
    // What follows an error beyond those that are printed helps nobody.
    if (bad || sink.errorCount() > DiagnosticSink::maxOfEach)
      continue;
    PartParser part(tokens, starts[i], starts[i + 1]);
    if (NNParser::FileContext *tree = part.parse()) {
      ast::File unused;
      AstBuilder(tokens, sink).file(tree, unused);
      continue;
    }
    reportSyntaxError(tokens, starts[i], part, sink);
  }
}

} // namespace

std::unique_ptr<ParseTree> parseText(const SourceManager &sources,
                                     uint32_t fileId, DiagnosticSink &sink) {
  if (!checkText(sources, fileId, sink))
    return nullptr;
  auto result = std::make_unique<ParseTree>(sources, fileId);
  const Tokens &tokens = result->tokens;
  if (!checkDepth(tokens, sink))
    return nullptr;
  result->parser =
      std::make_unique<PartParser>(tokens, 0, tokens.visible.size() - 1);
  result->root = result->parser->parse();
  if (!result->root) {
    reportErrors(tokens, sink);
    return nullptr;
  }
  return result;
}

std::unique_ptr<ast::File> parseFile(const SourceManager &sources,
                                     uint32_t fileId, DiagnosticSink &sink) {
  size_t errors = sink.errorCount();
  std::unique_ptr<ParseTree> tree = parseText(sources, fileId, sink);
  if (!tree)
    return nullptr;
  if (tree->tokens.visible.size() == 1) {
    sink.error({fileId, 0},
               "the file has no definitions; a program has at least one net, "
               "such as 'net Double(x: f32[B]) -> f32[B] { return 2 * x }'");
    return nullptr;
  }
  auto result = std::make_unique<ast::File>();
  result->id = fileId;
  AstBuilder(tree->tokens, sink).file(tree->root, *result);
  return sink.errorCount() == errors ? std::move(result) : nullptr;
}

} // namespace nnc
