//===- syntax_error.h: what is wrong with a text that does not parse ------===//
#ifndef NNC_FRONTEND_SYNTAX_ERROR_H
#define NNC_FRONTEND_SYNTAX_ERROR_H

#include "frontend/tokens.h"

#include "NN/NNParser.h"

namespace nnc {

/// Tokens [begin, end) of a file's visible tokens, parsed as if they were all.
class PartParser {
public:
  /// If `instead` is a token type, a token of that type stands after the part.
  PartParser(const Tokens &tokens, size_t begin, size_t end,
             size_t instead = antlr4::Token::EOF);

  /// The tree, or null. Tries the fast prediction first, then the full one.
  grammar::NNParser::FileContext *parse();
  /// As parse(), with the fast prediction only.
  bool parses();

  /// Where parse() failed: an index into the visible tokens.
  size_t failure() const { return failed; }
  /// How far the tree got.
  antlr4::ParserRuleContext *partialTree() { return partial; }

private:
  grammar::NNParser::FileContext *attempt(antlr4::atn::PredictionMode mode);

  size_t begin;
  size_t failed = 0;
  antlr4::ParserRuleContext *partial = nullptr;
  std::unique_ptr<antlr4::ListTokenSource> source;
  std::unique_ptr<antlr4::CommonTokenStream> stream;
  std::unique_ptr<grammar::NNParser> parser;
};

/// Reports the error of a failed `part` that began at `begin`.
void reportSyntaxError(const Tokens &tokens, size_t begin, PartParser &part,
                       DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_SYNTAX_ERROR_H
