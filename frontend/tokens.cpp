#include "frontend/tokens.h"

namespace nnc {

Tokens::Tokens(const SourceManager &sources, uint32_t fileId)
    : file(sources.file(fileId)), fileId(fileId) {
  const std::string &text = file.text();
  // Some editors begin a file with a byte order mark, which says nothing.
  size_t begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  bool ascii = begin == 0;
  for (size_t i = begin; i < text.size() && ascii; ++i)
    ascii = static_cast<unsigned char>(text[i]) < 0x80;
  if (!ascii) {
    for (size_t i = begin; i < text.size(); ++i)
      if (!isContinuationByte(text[i]))
        byteOf.push_back(static_cast<uint32_t>(i));
    byteOf.push_back(static_cast<uint32_t>(text.size()));
  }
  antlr4::ANTLRInputStream input(text.substr(begin));
  NNLexer lexer(&input);
  lexer.removeErrorListeners();
  do
    all.push_back(lexer.nextToken());
  while (all.back()->getType() != antlr4::Token::EOF);
  for (const auto &token : all)
    if (token->getChannel() == antlr4::Token::DEFAULT_CHANNEL)
      visible.push_back(token.get());
}

uint32_t Tokens::byteOfCharacter(size_t index) const {
  if (byteOf.empty())
    return static_cast<uint32_t>(std::min(index, file.text().size()));
  return byteOf[std::min(index, byteOf.size() - 1)];
}

Loc Tokens::loc(const antlr4::Token *token) const {
  return {fileId, byteOfCharacter(token->getStartIndex())};
}

std::string_view Tokens::text(const antlr4::Token *token) const {
  uint32_t begin = byteOfCharacter(token->getStartIndex());
  uint32_t end = byteOfCharacter(token->getStopIndex() + 1);
  return std::string_view(file.text()).substr(begin, end - begin);
}

bool Tokens::startsLine(const antlr4::Token *token) const {
  const std::string &text = file.text();
  for (uint32_t i = loc(token).offset; i > 0; --i) {
    char before = text[i - 1];
    if (before == '\n' || before == '\r')
      return true;
    if (before != ' ' && before != '\t')
      return false;
  }
  return true;
}

std::string Tokens::docAbove(const antlr4::Token *token) const {
  std::string doc;
  if (!startsLine(token))
    return doc;
  uint32_t number = file.lineColumn(loc(token).offset).line;
  while (number-- > 1) {
    std::string_view line = file.line(number);
    size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos || line[begin] != '#')
      break;
    line.remove_prefix(begin + 1);
    if (line.starts_with(' '))
      line.remove_prefix(1);
    doc.insert(0, std::string(line) + (doc.empty() ? "" : "\n"));
  }
  return doc;
}

/// `3x` as `3 * x`.
static std::string asProduct(const std::string &text) {
  size_t letter = text.find_first_not_of("0123456789.");
  return text.substr(0, letter) + " * " + text.substr(letter);
}

bool reportBadToken(const Tokens &tokens, const antlr4::Token *token,
                    DiagnosticSink &sink) {
  Loc loc = tokens.loc(token);
  std::string text(tokens.text(token));
  switch (token->getType()) {
  case NNLexer::NUMBER_TOUCHES_LETTER:
    if (text.back() == 'e' || text.back() == 'E') {
      sink.error(loc, "the number '" + text + "' has no exponent after its '" +
                          text.back() + "'");
      return true;
    }
    sink.error(loc, "a letter touches the number in '" + text +
                        "'; put '*' between them to multiply")
        .fix(loc, text.size(), asProduct(text));
    return true;
  case NNLexer::NUMBER_ENDS_IN_DOT:
    sink.error(loc, "a number cannot end in '.'; write '" + text + "0'")
        .fix(loc, text.size(), text + "0");
    return true;
  case NNLexer::NUMBER_STARTS_WITH_DOT:
    sink.error(loc, "a number cannot begin with '.'; write '0" + text + "'")
        .fix(loc, text.size(), "0" + text);
    return true;
  case NNLexer::OPEN_STRING:
    sink.error(loc, "this string has no closing '\"' on its line");
    return true;
  case NNLexer::UNKNOWN:
    if (text == "&" || text == "|")
      sink.error(loc, "unknown character '" + text + "'; did you mean '" +
                          text + text + "'?")
          .fix(loc, 1, text + text);
    else if (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F)
      sink.error(loc, "a control character that the language does not have");
    else
      sink.error(loc, "unknown character '" + text + "'");
    return true;
  default:
    return false;
  }
}

} // namespace nnc
