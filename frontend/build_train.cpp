#include "frontend/ast_builder.h"

namespace nnc {

using namespace ast;

DefPtr AstBuilder::train(NNParser::TrainDefContext *context) {
  auto node = make<Train>(context);
  for (NNParser::PathContext *each : context->path())
    node->nets.push_back(path(each));
  node->items = trainBlock(context->trainBlock());
  node->bodyEnd = loc(context->trainBlock()->RBRACE());
  return node;
}

std::vector<TrainItem>
AstBuilder::trainBlock(NNParser::TrainBlockContext *context) {
  std::vector<TrainItem> result;
  for (NNParser::TrainItemContext *each : context->trainItem())
    result.push_back(trainItem(each));
  return result;
}

TrainItem AstBuilder::trainItem(NNParser::TrainItemContext *context) {
  TrainItem item;
  item.loc = loc(context);
  if (context->assign() || context->printStmt()) {
    item.kind = context->assign() ? TrainItem::Bind : TrainItem::Print;
    item.statement = context->assign() ? assign(context->assign())
                                       : print(context->printStmt());
    return item;
  }
  if (context->expr())
    item.value = expr(context->expr());
  for (NNParser::PathContext *each : context->path())
    item.paths.push_back(path(each));
  if (context->dataNames())
    dataNames(context->dataNames(), item);
  switch (context->getStart()->getType()) {
  case NNLexer::DATA:
    item.kind = TrainItem::Data;
    break;
  case NNLexer::LOSS:
    item.kind = TrainItem::Loss;
    break;
  case NNLexer::OPTIMIZER:
    item.kind = TrainItem::Optimizer;
    for (antlr4::tree::TerminalNode *each : context->STRING()) {
      String pattern;
      pattern.loc = loc(each);
      pattern.value = string(each);
      item.patterns.push_back(std::move(pattern));
    }
    break;
  case NNLexer::CLIP:
    item.kind = context->NORM() ? TrainItem::ClipNorm : TrainItem::ClipValue;
    break;
  case NNLexer::BATCH:
    item.kind = TrainItem::Batch;
    break;
  case NNLexer::EPOCHS:
    item.kind = TrainItem::Epochs;
    break;
  case NNLexer::SHUFFLE:
    item.kind = TrainItem::Shuffle;
    break;
  case NNLexer::SEED:
    item.kind = TrainItem::Seed;
    break;
  case NNLexer::METRIC:
    item.kind = TrainItem::Metric;
    item.onHeld = context->held != nullptr;
    break;
  case NNLexer::PICTURE:
    item.kind = TrainItem::Picture;
    item.onHeld = context->held != nullptr;
    break;
  case NNLexer::HOLD:
    item.kind = TrainItem::Hold;
    break;
  case NNLexer::KEEP:
    item.kind = context->getStop()->getType() == NNLexer::HIGHEST
                    ? TrainItem::KeepHighest
                : context->getStop()->getType() == NNLexer::LOWEST
                    ? TrainItem::KeepLowest
                    : TrainItem::KeepBest;
    break;
  case NNLexer::STOP:
    item.kind = TrainItem::StopAfter;
    break;
  case NNLexer::ACCUMULATE:
    item.kind = TrainItem::Accumulate;
    break;
  case NNLexer::FREEZE:
    item.kind = TrainItem::Freeze;
    break;
  case NNLexer::START:
    item.kind = TrainItem::Start;
    item.text = string(context->STRING(0));
    item.textLoc = loc(context->STRING(0));
    break;
  default:
    item.kind = TrainItem::Step;
    item.items = trainBlock(context->trainBlock());
  }
  return item;
}

void AstBuilder::dataNames(NNParser::DataNamesContext *context,
                           TrainItem &into) {
  for (NNParser::DataNameContext *each : context->dataName()) {
    TrainItem::DataName name;
    name.name = valueName(each->name(), "data");
    if (each->type())
      name.type = type(each->type());
    into.names.push_back(std::move(name));
  }
  for (NNParser::ExprContext *each : context->expr())
    into.values.push_back(expr(each));
  size_t names = into.names.size(), values = into.values.size();
  if (values != 1 && values != names)
    sink.error(loc(context->ASSIGN()),
               std::to_string(names) + (names == 1 ? " name" : " names") +
                   " for " + std::to_string(values) + " values");
}

Name AstBuilder::path(NNParser::PathContext *context) {
  Name result;
  result.loc = loc(context);
  for (NNParser::NameContext *each : context->name())
    result.path.push_back(ident(each));
  return result;
}

} // namespace nnc
