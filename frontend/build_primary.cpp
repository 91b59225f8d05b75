#include "frontend/ast_builder.h"

namespace nnc {

using namespace ast;

ExprPtr AstBuilder::primary(NNParser::PrimaryContext *context) {
  const antlr4::Token *token = context->getStart();
  if (context->loop())
    return loop(context->loop());
  if (context->repeat())
    return repeat(context->repeat());
  if (context->name()) {
    auto name = make<Name>(context);
    name->path.push_back(ident(context->name()));
    return name;
  }
  if (context->elementType()) {
    auto cast = make<Cast>(context);
    cast->element = elementType(context->elementType());
    cast->operand = expr(context->expr(0));
    return cast;
  }
  switch (token->getType()) {
  case NNLexer::NUMBER: {
    auto number = make<Number>(context);
    number->text = tokens.text(token);
    number->isInteger = number->text.find_first_of(".eE") == std::string::npos;
    return number;
  }
  case NNLexer::STRING: {
    auto text = make<String>(context);
    text->value = string(context->STRING());
    return text;
  }
  case NNLexer::TRUE:
  case NNLexer::FALSE: {
    auto boolean = make<Bool>(context);
    boolean->value = token->getType() == NNLexer::TRUE;
    return boolean;
  }
  case NNLexer::TRAINING:
    return make<Training>(context);
  case NNLexer::LBRACK: {
    auto list = make<List>(context);
    for (NNParser::ExprContext *each : context->expr())
      list->items.push_back(expr(each));
    return list;
  }
  default: { // '('
    auto parts = context->expr();
    if (parts.size() == 1)
      return expr(parts[0]);
    auto tuple = make<Tuple>(context);
    for (NNParser::ExprContext *each : parts)
      tuple->items.push_back(expr(each));
    return tuple;
  }
  }
}

ExprPtr AstBuilder::loop(NNParser::LoopContext *context) {
  auto result = make<Loop>(context);
  result->loop = context->kind->getType() == NNLexer::SCAN ? LoopKind::Scan
                                                           : LoopKind::Fold;
  if (context->sequences())
    sequences(context->sequences(), *result);
  if (context->expr())
    result->along = expr(context->expr());
  for (NNParser::LoopMarkContext *mark : context->loopMark()) {
    bool again = mark->BACKWARD() ? result->backward : result->until != nullptr;
    if (again)
      sink.error(loc(mark), std::string("a loop has one '") +
                                (mark->BACKWARD() ? "backward'" : "until'"));
    if (mark->BACKWARD())
      result->backward = true;
    else
      result->until = expr(mark->expr());
  }
  for (NNParser::CarryContext *each : context->carry())
    result->carries.push_back(
        {valueName(each->name(), "a carry"), expr(each->expr())});
  if (!context->sequences() && !context->expr())
    sink.error(loc(context), "this " + std::string(spelling(result->loop)) +
                                 " has no length: it needs 'x in xs' or "
                                 "'along T'");
  result->body = block(context->block());
  result->bodyEnd = loc(context->block()->RBRACE());
  return result;
}

ExprPtr AstBuilder::repeat(NNParser::RepeatContext *context) {
  auto result = make<Loop>(context);
  result->loop = LoopKind::Repeat;
  if (context->sequences())
    sequences(context->sequences(), *result);
  if (context->expr())
    (context->ALONG() ? result->along : result->count) = expr(context->expr());
  result->backward = context->BACKWARD() != nullptr;
  result->body = block(context->block());
  result->bodyEnd = loc(context->block()->RBRACE());
  return result;
}

void AstBuilder::sequences(NNParser::SequencesContext *context, Loop &into) {
  for (NNParser::NameContext *each : context->name())
    into.elements.push_back(valueName(each, "an element"));
  for (NNParser::ExprContext *each : context->expr())
    into.sequences.push_back(expr(each));
  if (into.elements.size() != into.sequences.size())
    sink.error(loc(context->IN()),
               "before 'in' stand as many names as sequences after it, not " +
                   std::to_string(into.elements.size()) + " and " +
                   std::to_string(into.sequences.size()));
}

} // namespace nnc
