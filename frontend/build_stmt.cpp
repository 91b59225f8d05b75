#include "frontend/ast_builder.h"

namespace nnc {

using namespace ast;

Block AstBuilder::block(NNParser::BlockContext *context) {
  Block result;
  for (NNParser::StatementContext *each : context->statement())
    result.push_back(statement(each));
  return result;
}

StmtPtr AstBuilder::statement(NNParser::StatementContext *context) {
  if (context->assign())
    return assign(context->assign());
  if (context->update())
    return update(context->update());
  if (context->paramStmt())
    return param(context->paramStmt());
  if (context->stateStmt())
    return state(context->stateStmt());
  if (context->ifStmt())
    return ifStmt(context->ifStmt());
  if (context->printStmt())
    return print(context->printStmt());
  if (auto *each = context->returnStmt()) {
    auto node = make<Return>(each);
    node->value = expr(each->expr());
    return node;
  }
  if (auto *each = context->yieldStmt()) {
    auto node = make<Yield>(each);
    node->value = expr(each->expr(0));
    if (each->FINAL())
      node->final = expr(each->expr(1));
    return node;
  }
  if (auto *each = context->repeat()) {
    auto node = make<Repeat>(each);
    node->loop = repeat(each);
    return node;
  }
  auto *each = context->expectStmt();
  auto node = make<Expect>(each);
  node->condition = expr(each->expr(0));
  if (each->WITHIN())
    node->within = expr(each->expr(1));
  return node;
}

/// Of `h = h + LN(h) |> Ffn`: the `+`, if the sum starts with `name`.
static const Chain::Link *sumBeforePipe(const Expr *value,
                                        const std::string &name) {
  const Call *call = as<Call>(value);
  if (!call || !call->isPiped)
    return nullptr;
  while (const Call *inner = as<Call>(call->args[0].item.value)) {
    if (!inner->isPiped)
      break;
    call = inner;
  }
  const Expr *input = call->args[0].item.value.get();
  const Chain *sum = as<Chain>(input);
  if (!sum || sum->rest[0].op != BinaryOp::Add)
    return nullptr;
  const Name *first = as<Name>(sum->first);
  return first && first->isSimple() && first->first().text == name
             ? &sum->rest[0]
             : nullptr;
}

StmtPtr AstBuilder::assign(NNParser::AssignContext *context) {
  auto node = make<Assign>(context);
  Target first;
  first.loc = loc(context);
  first.name = valueName(context->target()->name(), "a value");
  node->targets.push_back(std::move(first));
  for (NNParser::TargetItemContext *each : context->targetItem())
    node->targets.push_back(target(each));
  node->value = expr(context->expr());
  const std::string &name = node->targets[0].name.text;
  // (h + LN(h)) |> Ffn is meant, if there are parentheses.
  bool plain = context->expr()->getStart()->getType() != NNLexer::LPAREN;
  if (node->targets.size() == 1 && plain)
    if (const Chain::Link *sum = sumBeforePipe(node->value.get(), name))
      sink.warning(sum->opLoc, "the pipe takes the whole sum '" + name +
                                   " + ...'; put parentheses around the part "
                                   "that is meant");
  return node;
}

Target AstBuilder::target(NNParser::TargetItemContext *context) {
  Target result;
  result.loc = loc(context);
  if (context->name())
    result.name = valueName(context->name(), "a value");
  for (NNParser::TargetItemContext *each : context->targetItem())
    result.elements.push_back(target(each));
  return result;
}

StmtPtr AstBuilder::update(NNParser::UpdateContext *context) {
  auto node = make<Update>(context);
  // `v < - x` is read as an update too, and is one.
  node->target = valueName(context->name(), "a state");
  node->value = expr(context->expr());
  return node;
}

StmtPtr AstBuilder::param(NNParser::ParamStmtContext *context) {
  auto node = make<ParamStmt>(context);
  for (NNParser::NameContext *each : context->name())
    node->names.push_back(valueName(each, "a parameter"));
  node->type = type(context->type());
  if (context->expr())
    node->init = expr(context->expr());
  node->frozen = context->FROZEN() != nullptr;
  return node;
}

StmtPtr AstBuilder::state(NNParser::StateStmtContext *context) {
  auto node = make<StateStmt>(context);
  for (NNParser::NameContext *each : context->name())
    node->names.push_back(valueName(each, "a state"));
  if (context->type())
    node->type = type(context->type());
  if (context->expr())
    node->init = expr(context->expr());
  return node;
}

StmtPtr AstBuilder::ifStmt(NNParser::IfStmtContext *context) {
  auto node = make<If>(context);
  node->arms.push_back(
      {loc(context), expr(context->expr()), block(context->block(0))});
  for (NNParser::ElseIfContext *each : context->elseIf())
    node->arms.push_back({loc(each), expr(each->expr()), block(each->block())});
  node->hasElse = context->ELSE() != nullptr;
  if (node->hasElse)
    node->elseBody = block(context->block(1));
  return node;
}

StmtPtr AstBuilder::print(NNParser::PrintStmtContext *context) {
  auto node = make<Print>(context);
  for (NNParser::ExprContext *each : context->expr())
    node->values.push_back(expr(each));
  return node;
}

} // namespace nnc
