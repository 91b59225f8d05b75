//===- tokens.h: the tokens of a file, before they are parsed -------------===//
//
// Private to the parsing half: with the files that include it, the only ones
// that see ANTLR.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_TOKENS_H
#define NNC_FRONTEND_TOKENS_H

#include "frontend/diagnostic.h"

#include "NN/NNLexer.h"

namespace nnc {

using grammar::NNLexer;

/// A file's tokens. The last is EOF; comments are among them.
struct Tokens {
  Tokens(const SourceManager &sources, uint32_t fileId);

  Loc loc(const antlr4::Token *token) const;
  std::string_view text(const antlr4::Token *token) const;
  /// Whether nothing but white space stands before the token on its line.
  bool startsLine(const antlr4::Token *token) const;
  /// The comments directly above the token, without `#`.
  std::string docAbove(const antlr4::Token *token) const;

  const SourceFile &file;
  uint32_t fileId;
  std::vector<std::unique_ptr<antlr4::Token>> all;
  /// Those that the parser sees, EOF included.
  std::vector<const antlr4::Token *> visible;

private:
  /// ANTLR counts characters; this is the byte where each begins. Empty if
  /// they are all one byte long.
  std::vector<uint32_t> byteOf;
  uint32_t byteOfCharacter(size_t index) const;
};

/// Reports what can be seen in a token alone: `3x`, `1.`, an open string, a
/// character that the language does not have. Returns whether it did.
bool reportBadToken(const Tokens &tokens, const antlr4::Token *token,
                    DiagnosticSink &sink);

/// Checks how deep the program is nested, so that the parser and every later
/// walk may recurse. Returns false after the one error.
bool checkDepth(const Tokens &tokens, DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_TOKENS_H
