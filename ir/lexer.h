//===- ir/lexer.h - Words of the IR's text --------------------------------===//
#ifndef NNC_IR_LEXER_H
#define NNC_IR_LEXER_H

#include <string>
#include <string_view>

namespace nnc {

struct Token {
  enum Kind {
    End,
    Word,    ///< softmax, B, f32
    Value,   ///< %x: the text is without the sign
    Symbol,  ///< @name: likewise
    Integer, ///< 12
    Float,   ///< 1.5, 1e-05
    String,  ///< "text", unescaped
    Punct,   ///< one character, or "->"
    Bad,     ///< the text says what is wrong
  } kind = End;
  std::string text;
  int line = 1, column = 1;

  bool is(std::string_view punct) const {
    return kind == Punct && text == punct;
  }
  bool isWord(std::string_view word) const {
    return kind == Word && text == word;
  }
  /// As a message names it: `'{'`, `end of text`.
  std::string described() const;
};

class IrLexer {
public:
  explicit IrLexer(std::string_view text) : text(text) {}
  Token next();

private:
  void advance();
  char peek(size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }
  Token number(Token token);
  Token string(Token token);

  std::string_view text;
  size_t at = 0;
  int line = 1, column = 1;
};

} // namespace nnc

#endif // NNC_IR_LEXER_H
