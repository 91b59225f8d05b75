#include "ir/lexer.h"

namespace nnc {

static bool isDigit(char c) { return c >= '0' && c <= '9'; }
static bool isWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool isWordPart(char c) {
  return isWordStart(c) || isDigit(c) || c == '.';
}

std::string Token::described() const {
  switch (kind) {
  case End:
    return "end of text";
  case Value:
    return "'%" + text + "'";
  case Symbol:
    return "'@" + text + "'";
  case String:
    return "a string";
  default:
    return "'" + text + "'";
  }
}

void IrLexer::advance() {
  if (text[at++] == '\n') {
    ++line;
    column = 1;
  } else {
    ++column;
  }
}

Token IrLexer::next() {
  while (at < text.size()) {
    char c = peek();
    if (c == '#') {
      while (at < text.size() && peek() != '\n')
        advance();
    } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      advance();
    } else {
      break;
    }
  }
  Token token;
  token.line = line;
  token.column = column;
  if (at == text.size())
    return token;
  char c = peek();
  auto takeWord = [&] {
    while (isWordPart(peek())) {
      token.text += peek();
      advance();
    }
  };
  if (c == '%' || c == '@') {
    advance();
    token.kind = c == '%' ? Token::Value : Token::Symbol;
    takeWord();
    if (token.text.empty())
      return {Token::Bad, "a name must follow", token.line, token.column};
    return token;
  }
  if (isWordStart(c)) {
    token.kind = Token::Word;
    takeWord();
    return token;
  }
  if (isDigit(c))
    return number(std::move(token));
  if (c == '"')
    return string(std::move(token));
  token.kind = Token::Punct;
  token.text = c;
  advance();
  if (c == '-' && peek() == '>') {
    token.text += peek();
    advance();
  }
  if (static_cast<unsigned char>(c) < 0x20 ||
      static_cast<unsigned char>(c) > 0x7e)
    return {Token::Bad, "a character that IR text does not have", token.line,
            token.column};
  return token;
}

Token IrLexer::number(Token token) {
  token.kind = Token::Integer;
  auto digits = [&] {
    while (isDigit(peek())) {
      token.text += peek();
      advance();
    }
  };
  digits();
  if (peek() == '.' && isDigit(peek(1))) {
    token.kind = Token::Float;
    token.text += '.';
    advance();
    digits();
  }
  char sign = peek(1);
  if (peek() == 'e' &&
      (isDigit(sign) || ((sign == '-' || sign == '+') && isDigit(peek(2))))) {
    token.kind = Token::Float;
    token.text += 'e';
    advance();
    token.text += peek();
    advance();
    digits();
  }
  return token;
}

Token IrLexer::string(Token token) {
  token.kind = Token::String;
  advance();
  auto hexDigit = [](char c) {
    return isDigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  while (peek() != '"') {
    if (at == text.size())
      return {Token::Bad, "a string that does not end", token.line,
              token.column};
    char c = peek();
    advance();
    if (c != '\\') {
      token.text += c;
      continue;
    }
    char escape = peek();
    if (escape == 'n') {
      token.text += '\n';
    } else if (escape == 'x' && hexDigit(peek(1)) >= 0 &&
               hexDigit(peek(2)) >= 0) {
      token.text +=
          static_cast<char>(hexDigit(peek(1)) * 16 + hexDigit(peek(2)));
      advance();
      advance();
    } else if (escape == '"' || escape == '\\') {
      token.text += escape;
    } else {
      return {Token::Bad, "an escape that strings do not have", token.line,
              token.column};
    }
    advance();
  }
  advance();
  return token;
}

} // namespace nnc
