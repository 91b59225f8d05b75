#include "frontend/tokens.h"

#include <algorithm>

namespace nnc {

namespace {

constexpr unsigned maxNesting = 256;
constexpr unsigned maxChain = 1024;

/// What is known of one bracket level while the tokens go by.
struct Level {
  /// Operators that nest to the right and are still open: prefix `-` and `!`,
  /// and `^`.
  unsigned right = 0;
  /// How many calls, indices and pipes stand one around the other: in the
  /// operand at hand, in what a pipe would take, and anywhere in this level.
  unsigned operand = 0, flow = 0, deepest = 0;

  void endOperand() {
    flow = std::max(flow, operand);
    operand = 0;
  }
  void endFlow() {
    endOperand();
    deepest = std::max(deepest, flow);
    flow = 0;
  }
};

enum class Role {
  Operand,
  Open,
  Close,
  Right,
  Infix,
  Member,
  Pipe,
  Other,
};

bool endsOperand(size_t type) {
  switch (type) {
  case NNLexer::NUMBER:
  case NNLexer::UP:
  case NNLexer::LOW:
  case NNLexer::STRING:
  case NNLexer::RPAREN:
  case NNLexer::RBRACK:
  case NNLexer::TRUE:
  case NNLexer::FALSE:
  case NNLexer::TRAINING:
    return true;
  default:
    return false;
  }
}

Role role(size_t type, bool afterOperand) {
  switch (type) {
  case NNLexer::LPAREN:
  case NNLexer::LBRACK:
  case NNLexer::LBRACE:
    return Role::Open;
  case NNLexer::RPAREN:
  case NNLexer::RBRACK:
  case NNLexer::RBRACE:
    return Role::Close;
  case NNLexer::MINUS:
    return afterOperand ? Role::Infix : Role::Right;
  case NNLexer::NOT:
  case NNLexer::CARET:
    return Role::Right;
  case NNLexer::PLUS:
  case NNLexer::TIMES:
  case NNLexer::DIVIDE:
  case NNLexer::AT:
    return Role::Infix;
  case NNLexer::DOT:
    return Role::Member;
  case NNLexer::PIPE:
  case NNLexer::ARROW:
    return Role::Pipe;
  default:
    // A name after an operand begins a new statement.
    return endsOperand(type) && !afterOperand ? Role::Operand : Role::Other;
  }
}

} // namespace

// `nesting` is the sum of the open brackets and of the operators that are open
// in each; with the chains it bounds the depth of the tree.
bool checkDepth(const Tokens &tokens, DiagnosticSink &sink) {
  std::vector<Level> levels(1);
  unsigned nesting = 0;
  size_t previous = antlr4::Token::EOF;
  for (const antlr4::Token *token : tokens.visible) {
    size_t type = token->getType();
    Level &level = levels.back();
    auto endRight = [&] {
      nesting -= level.right;
      level.right = 0;
    };
    switch (role(type, endsOperand(previous))) {
    case Role::Operand:
      break;
    case Role::Open:
      level.operand += endsOperand(previous);
      ++nesting;
      levels.emplace_back();
      break;
    case Role::Close:
      if (levels.size() > 1) { // else the parser says what is wrong
        endRight();
        level.endFlow();
        unsigned inner = level.deepest + 1;
        levels.pop_back();
        --nesting;
        levels.back().operand = std::max(levels.back().operand, inner);
      }
      break;
    case Role::Right:
      ++level.right;
      ++nesting;
      break;
    case Role::Infix:
      endRight();
      level.endOperand();
      break;
    case Role::Member:
      ++level.operand;
      break;
    case Role::Pipe:
      endRight();
      level.endOperand();
      level.operand = level.flow + 1;
      level.flow = 0;
      break;
    case Role::Other:
      endRight();
      level.endFlow();
      break;
    }
    if (nesting > maxNesting) {
      sink.error(tokens.loc(token), "this is nested more than 256 deep");
      return false;
    }
    if (levels.back().operand > maxChain) {
      sink.error(tokens.loc(token),
                 "more than 1024 calls, indices or pipes stand one around the "
                 "other; give a name to the value halfway");
      return false;
    }
    previous = type;
  }
  return true;
}

} // namespace nnc
