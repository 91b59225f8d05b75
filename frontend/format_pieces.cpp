#include "frontend/format_pieces.h"

namespace nnc {

using antlr4::ParserRuleContext;
using antlr4::tree::TerminalNode;
using grammar::NNParser;

namespace {

/// `\n`, `\r\n` or `\r`.
unsigned lineEnds(std::string_view text) {
  unsigned count = 0;
  for (size_t i = 0; i < text.size(); ++i)
    count += text[i] == '\n' ||
             (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
  return count;
}

class PieceMaker {
public:
  explicit PieceMaker(const ParseTree &tree)
      : tokens(tree.tokens), pieceOf(tree.tokens.visible.size()) {
    readTokens();
    spaceByTokens();
    walk(tree.root);
  }

  Pieces result;

private:
  void readTokens();
  void spaceByTokens();
  /// What only the tree knows.
  void walk(ParserRuleContext *rule);
  void beginItem(ParserRuleContext *rule);
  void clause(ParserRuleContext *rule);
  void product(ParserRuleContext *rule);
  void slice(ParserRuleContext *rule);

  Piece &piece(size_t i) { return result.all[i]; }
  size_t first(antlr4::tree::ParseTree *node) const;
  size_t last(antlr4::tree::ParseTree *node) const;
  static size_t type(antlr4::tree::ParseTree *node);
  static ParserRuleContext *asRule(antlr4::tree::ParseTree *node);
  void tight(antlr4::tree::ParseTree *node) {
    piece(first(node)).space = false;
  }
  void tightAround(antlr4::tree::ParseTree *node) {
    tight(node);
    piece(first(node) + 1).space = false;
  }
  void rank(antlr4::tree::ParseTree *node, Piece::Rank rank) {
    piece(first(node)).rank = rank;
  }

  const Tokens &tokens;
  std::vector<size_t> pieceOf; ///< Of a visible token.
  std::vector<size_t> types;   ///< Of a piece.
  /// In the arguments of an optimizer or of a source of data, which are
  /// written as declarations are: `lr = 1e-3`.
  bool inClauseCall = false;
};

} // namespace

size_t PieceMaker::first(antlr4::tree::ParseTree *node) const {
  if (ParserRuleContext *rule = asRule(node))
    return pieceOf[rule->getStart()->getTokenIndex()];
  auto *terminal = dynamic_cast<TerminalNode *>(node);
  return pieceOf[terminal->getSymbol()->getTokenIndex()];
}

size_t PieceMaker::last(antlr4::tree::ParseTree *node) const {
  if (ParserRuleContext *rule = asRule(node))
    return pieceOf[rule->getStop()->getTokenIndex()];
  return first(node);
}

/// Of a terminal; 0 of a rule.
size_t PieceMaker::type(antlr4::tree::ParseTree *node) {
  auto *terminal = dynamic_cast<TerminalNode *>(node);
  return terminal ? terminal->getSymbol()->getType() : 0;
}

ParserRuleContext *PieceMaker::asRule(antlr4::tree::ParseTree *node) {
  return dynamic_cast<ParserRuleContext *>(node);
}

void PieceMaker::readTokens() {
  std::string_view text = tokens.file.text();
  size_t visible = 0, end = 0;
  unsigned line = 1, depth = 0, blocks = 0;
  Piece next;
  for (const auto &token : tokens.all) {
    size_t begin = tokens.loc(token.get()).offset;
    std::string_view word = tokens.text(token.get());
    line += lineEnds(text.substr(end, begin - end));
    end = begin + word.size();
    if (token->getChannel() != antlr4::Token::DEFAULT_CHANNEL) {
      size_t length = word.find_last_not_of(" \t") + 1;
      next.comments.push_back({std::string(word.substr(0, length)), line});
      continue;
    }
    pieceOf[visible++] = result.all.size();
    size_t type = token->getType();
    if (type == NNLexer::SEMI)
      continue;
    bool opens = type == NNLexer::LPAREN || type == NNLexer::LBRACK;
    bool closes = type == NNLexer::RPAREN || type == NNLexer::RBRACK;
    next.kind = opens                        ? Piece::Open
                : closes                     ? Piece::Close
                : type == NNLexer::LBRACE    ? Piece::BlockOpen
                : type == NNLexer::RBRACE    ? Piece::BlockClose
                : type == antlr4::Token::EOF ? Piece::End
                                             : Piece::Plain;
    depth -= closes || type == NNLexer::RBRACE;
    blocks -= type == NNLexer::RBRACE;
    next.text = word;
    next.width = characterCount(word);
    next.line = line;
    next.depth = depth;
    next.blocks = blocks;
    depth += opens || type == NNLexer::LBRACE;
    blocks += type == NNLexer::LBRACE;
    result.all.push_back(std::move(next));
    types.push_back(type);
    next = Piece();
  }
}

void PieceMaker::spaceByTokens() {
  for (size_t i = 1; i < result.all.size(); ++i) {
    Piece &here = piece(i);
    const Piece &before = piece(i - 1);
    size_t type = types[i], previous = types[i - 1];
    bool tight = type == NNLexer::COMMA || type == NNLexer::COLON ||
                 type == NNLexer::CARET || previous == NNLexer::CARET ||
                 here.kind == Piece::Close || before.kind == Piece::Open ||
                 result.isEmptyPair(i) || previous == NNLexer::DOT ||
                 // `3 .w` is wrong in another way than `3.w`.
                 (type == NNLexer::DOT && previous != NNLexer::NUMBER);
    here.space = !tight;
    if (previous == NNLexer::COMMA)
      here.rank = Piece::ListItem;
    else if (before.kind == Piece::Open && here.kind != Piece::Close)
      here.rank = Piece::AfterOpen;
  }
}

void PieceMaker::beginItem(ParserRuleContext *rule) {
  Item item{first(rule), last(rule) + 1, 0};
  bool keyword = rule->getRuleIndex() == NNParser::RuleTrainItem &&
                 type(rule->children[0]) != 0;
  if (keyword && rule->children.size() > 1)
    item.hang = piece(item.begin).width + 1;
  for (size_t i = item.begin; i < item.end; ++i)
    piece(i).item = result.items.size();
  result.items.push_back(item);
}

/// The words inside a statement or a clause, and its value.
void PieceMaker::clause(ParserRuleContext *rule) {
  for (size_t i = 1; i < rule->children.size(); ++i) {
    size_t word = type(rule->children[i]);
    if (word && (word < NNLexer::SEMI || word == NNLexer::ARROW))
      rank(rule->children[i], Piece::Clause);
    if (type(rule->children[i - 1]) == NNLexer::ASSIGN)
      rank(rule->children[i], Piece::Value);
  }
}

/// A product of sizes is written `N*K`, another one `n * k`.
void PieceMaker::product(ParserRuleContext *rule) {
  bool sizes = true, names = false;
  for (antlr4::tree::ParseTree *child : rule->children) {
    if (size_t op = type(child)) {
      sizes &= op == NNLexer::TIMES;
      continue;
    }
    size_t operand = types[first(child)];
    sizes &= first(child) == last(child) &&
             (operand == NNLexer::UP || operand == NNLexer::NUMBER);
    names |= operand == NNLexer::UP;
  }
  for (antlr4::tree::ParseTree *child : rule->children) {
    if (type(child) && sizes && names)
      tightAround(child);
    else if (type(child))
      rank(child, Piece::Product);
  }
}

/// `0:3`, but `t - 1 : t + 1`.
void PieceMaker::slice(ParserRuleContext *rule) {
  bool composed = false;
  for (antlr4::tree::ParseTree *child : rule->children)
    for (size_t i = first(child) + 1; i <= last(child); ++i)
      composed |= piece(i).space;
  for (size_t i = 0; i < rule->children.size(); ++i) {
    antlr4::tree::ParseTree *child = rule->children[i];
    if (type(child) != NNLexer::COLON)
      continue;
    bool between = i > 0 && !type(rule->children[i - 1]) &&
                   i + 1 < rule->children.size() &&
                   !type(rule->children[i + 1]);
    bool spaced = between && composed;
    size_t colon = first(child);
    bool begins = i == 0 && piece(colon - 1).kind != Piece::Open;
    piece(colon).space = spaced || begins;
    piece(colon + 1).space = spaced;
  }
}

void PieceMaker::walk(ParserRuleContext *rule) {
  auto ranked = [&](Piece::Rank by) {
    for (antlr4::tree::ParseTree *child : rule->children)
      if (type(child))
        rank(child, by);
  };
  size_t index = rule->getRuleIndex();
  bool outer = inClauseCall;
  switch (index) {
  case NNParser::RuleDefinition:
  case NNParser::RuleStatement:
    beginItem(rule);
    break;
  case NNParser::RuleTrainItem:
    beginItem(rule);
    clause(rule);
    inClauseCall = type(rule->children[0]) == NNLexer::OPTIMIZER;
    break;
  case NNParser::RuleDataNames:
    clause(rule);
    inClauseCall = true;
    break;
  case NNParser::RuleAssign:
  case NNParser::RuleParamStmt:
  case NNParser::RuleStateStmt:
  case NNParser::RuleYieldStmt:
  case NNParser::RuleExpectStmt:
  case NNParser::RuleLoop:
  case NNParser::RuleRepeat:
  case NNParser::RuleCallableDef:
    clause(rule);
    break;
  case NNParser::RuleUpdate: // `<` and `-`
    tight(rule->children[2]);
    rank(rule->children[3], Piece::Value);
    break;
  case NNParser::RuleArguments:
    tight(rule);
    inClauseCall = false;
    break;
  case NNParser::RuleBrackets:
  case NNParser::RuleParams:
  case NNParser::RuleDimParams:
  case NNParser::RuleTypeDims:
    tight(rule);
    break;
  case NNParser::RuleArgument:
  case NNParser::RuleItem:
    if (rule->children.size() == 3)
      tightAround(rule->children[1]);
    break;
  case NNParser::RulePrimary: // `f32(x)`
    if (rule->children.size() > 1 && asRule(rule->children[0]) &&
        type(rule->children[1]))
      tight(rule->children[1]);
    break;
  case NNParser::RuleNotExpr:
  case NNParser::RuleUnary:
  case NNParser::RuleExponent:
    for (size_t i = 1; i < rule->children.size(); ++i)
      tight(rule->children[i]);
    break;
  case NNParser::RuleAxis:
    for (antlr4::tree::ParseTree *child : rule->children)
      if (type(child) == NNLexer::TIMES)
        tightAround(child);
    break;
  case NNParser::RuleExpr:
    ranked(Piece::Or);
    break;
  case NNParser::RuleAndExpr:
    ranked(Piece::And);
    break;
  case NNParser::RuleCompareOp:
    rank(rule, Piece::Comparison);
    break;
  case NNParser::RuleFlowTail:
    rank(rule, Piece::Flow);
    break;
  case NNParser::RuleAdd:
    ranked(Piece::Sum);
    break;
  case NNParser::RuleMul:
    product(rule);
    break;
  default:
    break;
  }
  // The arguments of a clause's call, not those of calls inside them.
  bool declares = index == NNParser::RuleArguments && outer;
  for (antlr4::tree::ParseTree *child : rule->children) {
    ParserRuleContext *inner = asRule(child);
    if (!inner)
      continue;
    walk(inner);
    if (declares && inner->children.size() == 3) {
      piece(first(inner) + 1).space = true;
      piece(first(inner) + 2).space = true;
    }
  }
  if (index == NNParser::RuleSlice)
    slice(rule);
  inClauseCall = outer;
}

Pieces makePieces(const ParseTree &tree) {
  return std::move(PieceMaker(tree).result);
}

} // namespace nnc
