#include "frontend/syntax_error.h"

#include "frontend/spelling.h"

namespace nnc {

using antlr4::ParserRuleContext;
using antlr4::Token;
using grammar::NNParser;

namespace {

bool isReserved(size_t type) {
  switch (type) {
  case NNLexer::DIM:
  case NNLexer::FN:
  case NNLexer::LAYER:
  case NNLexer::NET:
  case NNLexer::OPTIMIZER:
  case NNLexer::TRAIN:
  case NNLexer::TEST:
  case NNLexer::IMPORT:
  case NNLexer::PARAM:
  case NNLexer::RETURN:
  case NNLexer::YIELD:
  case NNLexer::REPEAT:
  case NNLexer::SCAN:
  case NNLexer::FOLD:
  case NNLexer::IF:
  case NNLexer::ELSE:
  case NNLexer::TRUE:
  case NNLexer::FALSE:
  case NNLexer::TRAINING:
  case NNLexer::F32:
  case NNLexer::F64:
  case NNLexer::I32:
  case NNLexer::I64:
  case NNLexer::BOOL:
  case NNLexer::BF16:
  case NNLexer::F16:
  case NNLexer::I8:
    return true;
  default:
    return false;
  }
}

/// What may stand at the place of the error. ANTLR's own set is that of the
/// rule it was in, which is not the whole truth; trying each token is.
class Expected {
public:
  Expected(const Tokens &tokens, size_t begin, size_t at) {
    if (at > begin) {
      size_t before = tokens.visible[at - 1]->getType();
      afterWord = before < NNLexer::SEMI && !isReserved(before);
    }
    // Every try parses the part up to the error once more.
    if (at - begin > 2000)
      return;
    for (size_t type = 1; type <= NNLexer::CARET; ++type)
      if (!isContextual(type) || type == NNLexer::ALONG ||
          type == NNLexer::IN || type == NNLexer::NORM ||
          type == NNLexer::VALUE || type == NNLexer::AFTER ||
          type == NNLexer::BEST || type == NNLexer::FROM)
        tryOne(tokens, begin, at, type);
    tryOne(tokens, begin, at, NNLexer::NUMBER);
    tryOne(tokens, begin, at, NNLexer::UP);
    tryOne(tokens, begin, at, NNLexer::LOW);
    tryOne(tokens, begin, at, NNLexer::STRING);
  }

  /// Whether a contextual keyword stands before the error.
  bool afterWord = false;

  bool has(size_t type) const { return types.count(type) != 0; }
  bool none() const { return types.empty(); }

  /// Inside a block, where a statement may stand.
  bool statement() const { return has(NNLexer::RETURN); }
  bool definition() const { return has(NNLexer::FN); }
  /// After a name that `=` may make a binding.
  bool afterBindingName() const {
    return has(NNLexer::ASSIGN) && has(NNLexer::COMMA) && !has(NNLexer::PLUS) &&
           !has(NNLexer::NUMBER);
  }
  /// After the name that begins a statement.
  bool afterFirstName() const { return afterBindingName() && has(NNLexer::LT); }

  /// "')' or ','"
  std::string text() const {
    std::vector<std::string> words;
    auto add = [&](bool holds, const char *word) {
      if (holds)
        words.push_back(word);
    };
    bool value = has(NNLexer::NUMBER), operators = has(NNLexer::PLUS);
    bool clause = has(NNLexer::OPTIMIZER) && !definition();
    add(value, "a value");
    add(definition(), "a definition");
    add(statement(), "a statement");
    add(clause, "a clause of the train block");
    bool other = value || definition() || statement() || clause;
    add(!other && has(NNLexer::LOW), "a name");
    add(!other && !has(NNLexer::LOW) && has(NNLexer::UP),
        "a name that starts with an upper-case letter");
    add(!other && has(NNLexer::F32), "a type");
    add(!value && has(NNLexer::STRING), "a string");
    if (!other && !has(NNLexer::LOW))
      for (auto [type, word] : {std::pair{NNLexer::ALONG, "'along'"},
                                {NNLexer::IN, "'in'"},
                                {NNLexer::NORM, "'norm'"},
                                {NNLexer::VALUE, "'value'"},
                                {NNLexer::AFTER, "'after'"},
                                {NNLexer::BEST, "'best'"},
                                {NNLexer::FROM, "'from'"},
                                {NNLexer::TRAIN, "'train'"}})
        add(has(type), word);
    add(has(NNLexer::ARROW) && !operators, "'->'");
    // After `clip` a clause goes on, or the binding of a value named `clip`,
    // which nobody means.
    bool binding = !(afterWord && has(NNLexer::ASSIGN) && !words.empty());
    add(binding && has(NNLexer::ASSIGN), "'='");
    add(binding && afterFirstName(), "'<-'");
    add(binding && has(NNLexer::COMMA), "','");
    add(has(NNLexer::COLON), "':'");
    add(has(NNLexer::DOTDOT) && !value, "'..'");
    if (!operators && !value) {
      add(has(NNLexer::LPAREN), "'('");
      add(has(NNLexer::LBRACK), "'['");
    }
    add(has(NNLexer::LBRACE), "'{'");
    add(has(NNLexer::RPAREN), "')'");
    add(has(NNLexer::RBRACK), "']'");
    add(has(NNLexer::RBRACE), "'}'");
    std::string result;
    for (size_t i = 0; i < words.size(); ++i)
      result += (i == 0                  ? ""
                 : i + 1 == words.size() ? " or "
                                         : ", ") +
                words[i];
    return result;
  }

private:
  static bool isContextual(size_t type) {
    switch (type) {
    case NNLexer::DIM:
    case NNLexer::ELSE:
    case NNLexer::F32:
    case NNLexer::FN:
    case NNLexer::OPTIMIZER:
    case NNLexer::RETURN:
    case NNLexer::TRAIN:
      return false;
    default:
      // Keywords come first among the token types; the other reserved ones
      // are expected where one of these is.
      return type < NNLexer::SEMI;
    }
  }

  void tryOne(const Tokens &tokens, size_t begin, size_t at, size_t type) {
    PartParser attempt(tokens, begin, at, type);
    if (attempt.parses() || attempt.failure() > at)
      types.insert(type);
  }

  std::set<size_t> types;
};

bool isArithmetic(size_t type) {
  return type == NNLexer::PLUS || type == NNLexer::MINUS ||
         type == NNLexer::TIMES || type == NNLexer::DIVIDE ||
         type == NNLexer::AT || type == NNLexer::CARET;
}

bool isComparison(size_t type) {
  return type == NNLexer::EQ || type == NNLexer::NE || type == NNLexer::LT ||
         type == NNLexer::LE || type == NNLexer::GT || type == NNLexer::GE;
}

std::string found(const Tokens &tokens, const Token *token) {
  if (token->getType() == Token::EOF)
    return "the end of the file";
  if (token->getType() == NNLexer::STRING)
    return "a string";
  return "'" + std::string(tokens.text(token)) + "'";
}

/// The innermost bracket that is open at `at`, or null.
const Token *openBracket(const Tokens &tokens, size_t begin, size_t at) {
  std::vector<const Token *> open;
  for (size_t i = begin; i < at; ++i) {
    switch (tokens.visible[i]->getType()) {
    case NNLexer::LPAREN:
    case NNLexer::LBRACK:
    case NNLexer::LBRACE:
      open.push_back(tokens.visible[i]);
      break;
    case NNLexer::RPAREN:
    case NNLexer::RBRACK:
    case NNLexer::RBRACE:
      if (!open.empty())
        open.pop_back();
      break;
    default:
      break;
    }
  }
  return open.empty() ? nullptr : open.back();
}

/// What the parser had just finished when it met the error: the rules on the
/// right edge of the tree.
template <class Each>
void onRightEdge(antlr4::tree::ParseTree *node, Each each) {
  while (node) {
    each(node);
    node = node->children.empty() ? nullptr : node->children.back();
  }
}

struct JustFinished {
  bool arrow = false, pipe = false, comparison = false, result = false;

  explicit JustFinished(ParserRuleContext *tree) {
    onRightEdge(tree, [&](antlr4::tree::ParseTree *node) {
      if (auto *flow = dynamic_cast<NNParser::FlowContext *>(node))
        if (!flow->flowTail().empty()) {
          pipe = flow->flowTail().back()->stage() != nullptr;
          arrow = !pipe;
        }
      if (auto *compare = dynamic_cast<NNParser::CompareContext *>(node))
        comparison |= compare->compareOp() != nullptr;
      result |= dynamic_cast<NNParser::ReturnStmtContext *>(node) ||
                dynamic_cast<NNParser::YieldStmtContext *>(node);
    });
  }
};

/// A `,` or the closing bracket that seems to be missing in a list.
void suggestSeparator(const Tokens &tokens, const Token *before,
                      const Token *open, const Token *found,
                      const Expected &expected, Diagnostic &error) {
  bool round = open->getType() == NNLexer::LPAREN;
  size_t closing = round ? NNLexer::RPAREN : NNLexer::RBRACK;
  if (open->getType() == NNLexer::LBRACE || !expected.has(closing))
    return;
  std::string_view last = tokens.text(before);
  Loc end = tokens.loc(before);
  end.offset += static_cast<uint32_t>(last.size());
  size_t type = found->getType();
  bool value = type == NNLexer::NUMBER || type == NNLexer::STRING ||
               type == NNLexer::UP || type == NNLexer::LOW;
  if (value && expected.has(NNLexer::COMMA))
    error.fix(end, 0, ",");
  else if (type == NNLexer::RPAREN || type == NNLexer::RBRACK)
    error.fix(tokens.loc(found), 1, round ? ")" : "]");
  else if (type == NNLexer::LBRACE || type == NNLexer::RBRACE ||
           type == NNLexer::ARROW || type == Token::EOF)
    error.fix(end, 0, round ? ")" : "]");
}

const std::vector<std::string> clauses = {
    "data",  "loss",    "optimizer", "clip",      "batch", "epochs",
    "seed",  "shuffle", "metric",    "picture",   "hold",  "keep",
    "stop",  "start",   "freeze",    "step",      "accumulate"};
const std::vector<std::string> definitions = {
    "dim", "fn", "layer", "net", "optimizer", "train", "test", "import"};

/// The element type that a word stands for in other languages, or is near to.
std::string nearestType(const std::string &word) {
  for (auto [theirs, ours] : {std::pair{"float", "f32"},
                              {"float32", "f32"},
                              {"float64", "f64"},
                              {"double", "f64"},
                              {"int", "i32"},
                              {"int32", "i32"},
                              {"int64", "i64"},
                              {"long", "i64"},
                              {"boolean", "bool"}})
    if (word == theirs)
      return ours;
  return nearest(word, {"f32", "f64", "i32", "i64", "bool"});
}

} // namespace

void reportSyntaxError(const Tokens &tokens, size_t begin, PartParser &part,
                       DiagnosticSink &sink) {
  size_t at = part.failure();
  const Token *token = tokens.visible[at];
  size_t type = token->getType();
  Loc loc = tokens.loc(token);
  std::string what = found(tokens, token);
  JustFinished finished(part.partialTree());
  Expected expected(tokens, begin, at);

  bool closes = type == NNLexer::LPAREN || type == NNLexer::LBRACK;
  if ((isArithmetic(type) || closes) && (finished.arrow || finished.pipe)) {
    sink.error(loc, what + " cannot follow " +
                        (finished.arrow ? "'-> [...]'" : "a '|>' stage") +
                        " on the same level; put the part that is meant "
                        "first in parentheses");
    return;
  }
  if (isComparison(type) && finished.comparison) {
    sink.error(loc, "comparisons cannot be chained; join two of them with "
                    "'&&'");
    return;
  }
  const Token *before = at > begin ? tokens.visible[at - 1] : nullptr;
  const Token *open = openBracket(tokens, begin, at);
  if (type == NNLexer::ASSIGN && before && open &&
      ((open->getType() == NNLexer::LPAREN &&
        before->getType() == NNLexer::UP) ||
       (open->getType() == NNLexer::LBRACK &&
        before->getType() == NNLexer::LOW))) {
    std::string name(tokens.text(before));
    sink.error(tokens.loc(before),
               "'" + name +
                   "' names no argument: in parentheses they start "
                   "with a lower-case letter, in brackets with an "
                   "upper-case one")
        .fix(tokens.loc(before), name.size(), otherCase(name));
    return;
  }
  if (type == NNLexer::ASSIGN && expected.has(NNLexer::EQ)) {
    sink.error(loc, "'=' does not stand in an expression; '==' compares")
        .fix(loc, 1, "==");
    return;
  }
  bool onlyArrow = expected.has(NNLexer::MINUS) &&
                   !expected.has(NNLexer::NUMBER) &&
                   !expected.has(NNLexer::PLUS);
  if (onlyArrow) {
    sink.error(loc, "a statement cannot be a comparison; 'name <- value' "
                    "updates a state");
    return;
  }
  if (expected.afterFirstName()) {
    sink.error(loc, "a statement cannot be an expression alone: expected " +
                        expected.text() + " after the name, found " + what);
    return;
  }
  if (type == NNLexer::COMMA && expected.statement() && finished.result) {
    sink.error(loc, "several values are given as a tuple; put parentheses "
                    "around them");
    return;
  }
  bool first = before && !expected.afterWord && expected.afterBindingName() &&
               !expected.definition();
  bool train = tokens.visible[begin]->getType() == NNLexer::TRAIN;
  if (first && !expected.has(NNLexer::COLON) && (train || !open)) {
    std::string word(tokens.text(before));
    std::string near = nearest(word, open ? clauses : definitions);
    sink.error(tokens.loc(before),
               "'" + word + "' begins no " +
                   (open ? "clause of a train block" + didYouMean(near)
                    : near.empty()
                        ? "definition; expected dim, fn, layer, net, "
                          "optimizer, train, test, import or 'name = ...'"
                        : "definition" + didYouMean(near)))
        .fix(tokens.loc(before), word.size(), near);
    return;
  }
  size_t after = type == Token::EOF ? type : tokens.visible[at + 1]->getType();
  bool binds = after == NNLexer::ASSIGN || after == NNLexer::COMMA;
  bool name = expected.has(NNLexer::LOW) && !expected.has(NNLexer::NUMBER) &&
              !expected.has(NNLexer::OPTIMIZER);
  if (isReserved(type) &&
      ((name && !expected.statement()) || (expected.statement() && binds))) {
    sink.error(loc, what + " is a reserved word and cannot be a name");
    return;
  }
  std::string wanted = expected.text();
  std::string near = expected.has(NNLexer::F32) && type == NNLexer::LOW
                         ? nearestType(std::string(tokens.text(token)))
                         : "";
  Diagnostic &error =
      sink.error(loc, wanted.empty() ? "unexpected " + what
                                     : "expected " + wanted + ", found " +
                                           what + didYouMean(near));
  error.fix(loc, tokens.text(token).size(), near);
  if (before && open)
    suggestSeparator(tokens, before, open, token, expected, error);
  bool ends = type == Token::EOF || type == NNLexer::RPAREN ||
              type == NNLexer::RBRACK || type == NNLexer::RBRACE ||
              isReserved(type);
  if (open && ends && !expected.has(NNLexer::NUMBER))
    error.note(tokens.loc(open), "the '" + std::string(tokens.text(open)) +
                                     "' that is open here");
}

} // namespace nnc
