//===- ir/parser.h - Text to IR -------------------------------------------===//
#ifndef NNC_IR_PARSER_H
#define NNC_IR_PARSER_H

#include "ir/op.h"

namespace nnc {

struct ParseError {
  int line = 0, column = 0;
  std::string message;
  explicit operator bool() const { return line != 0; }
};

/// Reads a module as the printer writes it; `#` starts a comment. Checks what
/// it needs in order to build the IR; the verifier checks the rest. Null, and
/// `error` set, if the text is wrong.
std::unique_ptr<Module> parseModule(std::string_view text, ParseError &error);

} // namespace nnc

#endif // NNC_IR_PARSER_H
