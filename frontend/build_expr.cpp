#include "frontend/ast_builder.h"

namespace nnc {

using namespace ast;
using antlr4::tree::TerminalNode;

/// `a op b op c` with operators of one precedence.
static void link(ExprPtr &left, BinaryOp op, Loc opLoc, ExprPtr operand,
                 Chain *&chain) {
  if (!chain) {
    auto made = std::make_unique<Chain>();
    chain = made.get();
    chain->loc = left->loc;
    chain->first = std::move(left);
    left = std::move(made);
  }
  chain->rest.push_back({op, opLoc, std::move(operand)});
}

ExprPtr AstBuilder::expr(NNParser::ExprContext *context) {
  // Asking the context for its nth child takes n steps: ask once.
  auto operands = context->andExpr();
  auto operators = context->OR();
  ExprPtr result = andExpr(operands[0]);
  Chain *chain = nullptr;
  for (size_t i = 1; i < operands.size(); ++i)
    link(result, BinaryOp::Or, loc(operators[i - 1]), andExpr(operands[i]),
         chain);
  return result;
}

ExprPtr AstBuilder::andExpr(NNParser::AndExprContext *context) {
  auto operands = context->notExpr();
  auto operators = context->AND();
  ExprPtr result = notExpr(operands[0]);
  Chain *chain = nullptr;
  for (size_t i = 1; i < operands.size(); ++i)
    link(result, BinaryOp::And, loc(operators[i - 1]), notExpr(operands[i]),
         chain);
  return result;
}

ExprPtr AstBuilder::notExpr(NNParser::NotExprContext *context) {
  return prefix(UnaryOp::Not, context->NOT(), compare(context->compare()));
}

ExprPtr AstBuilder::prefix(UnaryOp op, const std::vector<TerminalNode *> &run,
                           ExprPtr operand) {
  for (auto each = run.rbegin(); each != run.rend(); ++each) {
    auto node = make<Unary>(*each);
    node->op = op;
    node->operand = std::move(operand);
    operand = std::move(node);
  }
  return operand;
}

ExprPtr AstBuilder::compare(NNParser::CompareContext *context) {
  ExprPtr lhs = flow(context->flow(0));
  if (!context->compareOp())
    return lhs;
  auto node = std::make_unique<Compare>();
  node->loc = lhs->loc;
  node->opLoc = loc(context->compareOp());
  switch (context->compareOp()->getStart()->getType()) {
  case NNLexer::EQ:
    node->op = CompareOp::Eq;
    break;
  case NNLexer::NE:
    node->op = CompareOp::Ne;
    break;
  case NNLexer::LT:
    node->op = CompareOp::Lt;
    break;
  case NNLexer::LE:
    node->op = CompareOp::Le;
    break;
  case NNLexer::GT:
    node->op = CompareOp::Gt;
    break;
  default:
    node->op = CompareOp::Ge;
  }
  node->lhs = std::move(lhs);
  node->rhs = flow(context->flow(1));
  return node;
}

ExprPtr AstBuilder::flow(NNParser::FlowContext *context) {
  ExprPtr result = add(context->add());
  for (NNParser::FlowTailContext *tail : context->flowTail())
    result = tail->stage()
                 ? pipe(std::move(result), loc(tail), tail->stage())
                 : contraction(std::move(result), loc(tail), tail->axes());
  return result;
}

ExprPtr AstBuilder::pipe(ExprPtr input, Loc pipeLoc,
                         NNParser::StageContext *context) {
  auto call = make<Call>(context);
  call->callee = std::make_unique<Name>(path(context->path()));
  call->isPiped = true;
  call->pipeLoc = pipeLoc;
  if (auto *brackets = context->brackets()) {
    warnIfStartsLine(brackets->getStart());
    call->hasBrackets = true;
    call->bracketLoc = loc(brackets);
    call->bracketArgs = items(brackets);
  }
  Arg first;
  first.item.loc = input->loc;
  first.item.value = std::move(input);
  call->args.push_back(std::move(first));
  if (auto *rest = context->arguments()) {
    warnIfStartsLine(rest->getStart());
    call->closeLoc = loc(rest->getStop());
    for (Arg &each : arguments(rest))
      call->args.push_back(std::move(each));
  }
  return call;
}

/// The factors of a product; nothing if an operator is not `*`.
static bool factors(ExprPtr &product, std::vector<ExprPtr> &into,
                    const Chain::Link *&wrong) {
  auto *chain = product->kind == ExprKind::Chain
                    ? static_cast<Chain *>(product.get())
                    : nullptr;
  if (!chain) {
    into.push_back(std::move(product));
    return true;
  }
  for (const Chain::Link &each : chain->rest)
    if (each.op != BinaryOp::Mul) {
      wrong = &each;
      return false;
    }
  into.push_back(std::move(chain->first));
  for (Chain::Link &each : chain->rest)
    into.push_back(std::move(each.operand));
  return true;
}

ExprPtr AstBuilder::contraction(ExprPtr product, Loc arrowLoc,
                                NNParser::AxesContext *context) {
  auto node = std::make_unique<Contraction>();
  node->loc = product->loc;
  node->arrowLoc = arrowLoc;
  std::vector<ExprPtr> operands;
  const Chain::Link *wrong = nullptr;
  if (!factors(product, operands, wrong))
    sink.error(wrong->opLoc, "left of '->' stands one operand or a product, "
                             "not '" +
                                 std::string(spelling(wrong->op)) +
                                 "'; give the rest a name")
        .note(arrowLoc, "the '->' is here");
  for (ExprPtr &each : operands) {
    Contraction::Operand operand;
    if (each->kind == ExprKind::Index) {
      auto &index = static_cast<Index &>(*each);
      operand.hasBrackets = true;
      operand.bracketLoc = index.bracketLoc;
      operand.brackets = std::move(index.items);
      operand.value = std::move(index.base);
    } else {
      operand.value = std::move(each);
    }
    node->operands.push_back(std::move(operand));
  }
  for (NNParser::AxisContext *each : context->axis())
    node->result.push_back(axis(each));
  return node;
}

Axis AstBuilder::axis(NNParser::AxisContext *context) {
  Axis axis;
  axis.loc = loc(context);
  axis.isEllipsis = context->DOTDOT() != nullptr;
  auto parts = context->axisFactor();
  for (NNParser::AxisFactorContext *part : parts) {
    if (part->name()) {
      axis.factors.push_back(compileTimeName(part->name(), "an axis"));
      continue;
    }
    if (tokens.text(part->getStart()) != "1" || parts.size() > 1)
      sink.error(loc(part), "right of '->' stand names of axes, products of "
                            "them, and 1");
  }
  return axis;
}

ExprPtr AstBuilder::add(NNParser::AddContext *context) {
  ExprPtr result = mul(context->mul(0));
  Chain *chain = nullptr;
  // The children are operand, operator, operand, …
  for (size_t i = 2; i < context->children.size(); i += 2) {
    auto *op = static_cast<TerminalNode *>(context->children[i - 1]);
    auto *operand = static_cast<NNParser::MulContext *>(context->children[i]);
    bool plus = op->getSymbol()->getType() == NNLexer::PLUS;
    link(result, plus ? BinaryOp::Add : BinaryOp::Sub, loc(op), mul(operand),
         chain);
  }
  return result;
}

ExprPtr AstBuilder::mul(NNParser::MulContext *context) {
  ExprPtr result = unary(context->unary(0));
  Chain *chain = nullptr;
  for (size_t i = 2; i < context->children.size(); i += 2) {
    auto *op = static_cast<TerminalNode *>(context->children[i - 1]);
    auto *operand = static_cast<NNParser::UnaryContext *>(context->children[i]);
    size_t type = op->getSymbol()->getType();
    link(result,
         type == NNLexer::TIMES    ? BinaryOp::Mul
         : type == NNLexer::DIVIDE ? BinaryOp::Div
                                   : BinaryOp::MatMul,
         loc(op), unary(operand), chain);
  }
  return result;
}

ExprPtr AstBuilder::unary(NNParser::UnaryContext *context) {
  return prefix(UnaryOp::Neg, context->MINUS(), power(context->power()));
}

// a ^ b ^ -c is a ^ (b ^ (-c)): folded from the right.
ExprPtr AstBuilder::power(NNParser::PowerContext *context) {
  auto exponents = context->exponent();
  ExprPtr result;
  for (size_t i = exponents.size() + 1; i-- > 0;) {
    ExprPtr base =
        postfix(i == 0 ? context->postfix() : exponents[i - 1]->postfix());
    Chain *chain = nullptr;
    if (result)
      link(base, BinaryOp::Pow, loc(context->CARET(i)), std::move(result),
           chain);
    result = std::move(base);
    if (i > 0)
      result =
          prefix(UnaryOp::Neg, exponents[i - 1]->MINUS(), std::move(result));
  }
  return result;
}

ExprPtr AstBuilder::postfix(NNParser::PostfixContext *context) {
  ExprPtr result = primary(context->primary());
  for (NNParser::PostfixTailContext *tail : context->postfixTail()) {
    if (tail->name()) {
      if (result->kind == ExprKind::Name) {
        static_cast<Name &>(*result).path.push_back(ident(tail->name()));
        continue;
      }
      auto member = std::make_unique<Member>();
      member->loc = result->loc;
      member->base = std::move(result);
      member->member = ident(tail->name());
      result = std::move(member);
      continue;
    }
    warnIfStartsLine(tail->getStart());
    if (auto *brackets = tail->brackets()) {
      auto index = std::make_unique<Index>();
      index->loc = result->loc;
      index->bracketLoc = loc(brackets);
      index->items = items(brackets);
      index->base = std::move(result);
      result = std::move(index);
      continue;
    }
    auto call = std::make_unique<Call>();
    call->loc = result->loc;
    // f[…](…): the brackets go to the call.
    if (result->kind == ExprKind::Index) {
      auto &index = static_cast<Index &>(*result);
      if (index.base->kind == ExprKind::Name) {
        call->hasBrackets = true;
        call->bracketLoc = index.bracketLoc;
        call->bracketArgs = std::move(index.items);
        ExprPtr base = std::move(index.base);
        result = std::move(base);
      }
    }
    if (result->kind != ExprKind::Name)
      sink.error(loc(tail), "only a name can be called");
    call->callee = std::move(result);
    call->closeLoc = loc(tail->getStop());
    call->args = arguments(tail->arguments());
    result = std::move(call);
  }
  return result;
}

std::vector<Item> AstBuilder::items(NNParser::BracketsContext *context) {
  std::vector<Item> result;
  for (NNParser::ItemContext *each : context->item()) {
    if (each->slice()) {
      result.push_back(slice(each->slice()));
      continue;
    }
    Item item;
    item.loc = loc(each);
    item.kind = each->DOTDOT() ? Item::Ellipsis : Item::Named;
    if (each->UP()) {
      item.name = ident(each->UP()->getSymbol());
      item.value = expr(each->expr());
    }
    result.push_back(std::move(item));
  }
  return result;
}

Item AstBuilder::slice(NNParser::SliceContext *context) {
  Item item;
  item.loc = loc(context);
  size_t colons = 0;
  for (antlr4::tree::ParseTree *child : context->children) {
    if (child->children.empty()) {
      item.kind = Item::Slice;
      ++colons;
      continue;
    }
    ExprPtr part = expr(static_cast<NNParser::ExprContext *>(child));
    (colons == 0   ? item.begin
     : colons == 1 ? item.end
                   : item.stride) = std::move(part);
  }
  if (item.kind == Item::Value)
    item.value = std::move(item.begin);
  return item;
}

std::vector<Arg> AstBuilder::arguments(NNParser::ArgumentsContext *context) {
  std::vector<Arg> result;
  for (NNParser::ArgumentContext *each : context->argument()) {
    Arg arg;
    if (each->low())
      arg.name = ident(each->low()->getStart());
    else if (!result.empty() && !result.back().name.text.empty())
      sink.error(loc(each), "an argument without a name cannot follow '" +
                                result.back().name.text + " = ...'");
    arg.item = slice(each->slice());
    result.push_back(std::move(arg));
  }
  return result;
}

} // namespace nnc
