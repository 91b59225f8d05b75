#include "frontend/syntax_error.h"

namespace nnc {

using antlr4::Token;
using antlr4::atn::PredictionMode;
using grammar::NNParser;

PartParser::PartParser(const Tokens &tokens, size_t begin, size_t end,
                       size_t instead)
    : begin(begin) {
  std::vector<std::unique_ptr<Token>> part;
  auto add = [&](size_t index, size_t type) {
    auto copy =
        std::make_unique<antlr4::CommonToken>(tokens.visible[index]->getType());
    copy->setType(type);
    copy->setStartIndex(tokens.visible[index]->getStartIndex());
    copy->setStopIndex(tokens.visible[index]->getStopIndex());
    part.push_back(std::move(copy));
  };
  for (size_t i = begin; i < end; ++i)
    add(i, tokens.visible[i]->getType());
  if (instead != Token::EOF)
    add(end, instead);
  add(end, Token::EOF);
  source = std::make_unique<antlr4::ListTokenSource>(std::move(part));
  stream = std::make_unique<antlr4::CommonTokenStream>(source.get());
  parser = std::make_unique<NNParser>(stream.get());
  parser->removeErrorListeners();
  parser->setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
}

/// ANTLR wraps the error that made it give up.
static const antlr4::RecognitionException *cause(const std::exception &outer) {
  try {
    std::rethrow_if_nested(outer);
  } catch (const antlr4::RecognitionException &inner) {
    // The exception lives as long as `outer`, which holds it.
    return &inner;
  } catch (...) {
  }
  return nullptr;
}

NNParser::FileContext *PartParser::attempt(PredictionMode mode) {
  parser->reset();
  parser->getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(
      mode);
  try {
    return parser->file();
  } catch (const antlr4::ParseCancellationException &error) {
    failed = begin + stream->index();
    if (const antlr4::RecognitionException *inner = cause(error)) {
      failed = begin + inner->getOffendingToken()->getTokenIndex();
      partial = static_cast<antlr4::ParserRuleContext *>(inner->getCtx());
    }
    return nullptr;
  }
}

NNParser::FileContext *PartParser::parse() {
  if (NNParser::FileContext *tree = attempt(PredictionMode::SLL))
    return tree;
  return attempt(PredictionMode::LL);
}

bool PartParser::parses() { return attempt(PredictionMode::SLL) != nullptr; }

} // namespace nnc
