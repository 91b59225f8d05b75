#include "frontend/format.h"

#include "frontend/format_pieces.h"
#include "ir/check.h"

namespace nnc {

/// What must not change: the words and the comments, in their order.
static std::vector<std::string_view> content(const Tokens &tokens) {
  std::vector<std::string_view> words;
  for (const auto &token : tokens.all) {
    if (token->getType() == NNLexer::SEMI)
      continue;
    std::string_view word = tokens.text(token.get());
    if (token->getType() == NNLexer::COMMENT)
      word = word.substr(0, word.find_last_not_of(" \t") + 1);
    words.push_back(word);
  }
  return words;
}

std::optional<std::string> formatFile(const SourceManager &sources,
                                      uint32_t fileId, DiagnosticSink &sink) {
  std::unique_ptr<ParseTree> tree = parseText(sources, fileId, sink);
  if (!tree)
    return std::nullopt;
  std::string text = layOut(makePieces(*tree));
  // A formatter that loses a word loses a user's work.
  SourceManager result;
  Tokens formatted(result, result.add("formatted", text));
  check(content(formatted) == content(tree->tokens),
        "the formatter changed the program");
  return text;
}

} // namespace nnc
