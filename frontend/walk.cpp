#include "frontend/walk.h"

namespace nnc {

static void visitItem(const ast::Item &item, const ExprVisitor &visit) {
  for (const ast::ExprPtr *part :
       {&item.value, &item.begin, &item.end, &item.stride})
    if (*part)
      forEachExpr(**part, visit);
}

static void visitType(const ast::Type &type, const ExprVisitor &visit) {
  for (const ast::Type::Dim &dim : type.dims)
    if (dim.size)
      forEachExpr(*dim.size, visit);
  for (const ast::Type &element : type.elements)
    visitType(element, visit);
}

void forEachExpr(const ast::Expr &expr, const ExprVisitor &visit) {
  visit(expr);
  auto each = [&](const ast::ExprPtr &part) {
    if (part)
      forEachExpr(*part, visit);
  };
  if (auto *list = ast::as<ast::List>(&expr)) {
    for (const ast::ExprPtr &item : list->items)
      each(item);
  } else if (auto *tuple = ast::as<ast::Tuple>(&expr)) {
    for (const ast::ExprPtr &item : tuple->items)
      each(item);
  } else if (auto *unary = ast::as<ast::Unary>(&expr)) {
    each(unary->operand);
  } else if (auto *chain = ast::as<ast::Chain>(&expr)) {
    each(chain->first);
    for (const ast::Chain::Link &link : chain->rest)
      each(link.operand);
  } else if (auto *compare = ast::as<ast::Compare>(&expr)) {
    each(compare->lhs);
    each(compare->rhs);
  } else if (auto *call = ast::as<ast::Call>(&expr)) {
    each(call->callee);
    for (const ast::Item &item : call->bracketArgs)
      visitItem(item, visit);
    for (const ast::Arg &arg : call->args)
      visitItem(arg.item, visit);
  } else if (auto *cast = ast::as<ast::Cast>(&expr)) {
    each(cast->operand);
  } else if (auto *index = ast::as<ast::Index>(&expr)) {
    each(index->base);
    for (const ast::Item &item : index->items)
      visitItem(item, visit);
  } else if (auto *member = ast::as<ast::Member>(&expr)) {
    each(member->base);
  } else if (auto *contraction = ast::as<ast::Contraction>(&expr)) {
    for (const ast::Contraction::Operand &operand : contraction->operands) {
      each(operand.value);
      for (const ast::Item &item : operand.brackets)
        visitItem(item, visit);
    }
  } else if (auto *loop = ast::as<ast::Loop>(&expr)) {
    each(loop->count);
    for (const ast::ExprPtr &sequence : loop->sequences)
      each(sequence);
    each(loop->until);
    for (const ast::Loop::Carry &carry : loop->carries)
      each(carry.init);
    forEachExpr(loop->body, visit);
  }
}

void forEachStmt(const ast::Block &block,
                 const std::function<void(const ast::Stmt &)> &visit) {
  for (const ast::StmtPtr &stmt : block) {
    visit(*stmt);
    if (auto *branch = ast::as<ast::If>(stmt)) {
      for (const ast::If::Arm &arm : branch->arms)
        forEachStmt(arm.body, visit);
      forEachStmt(branch->elseBody, visit);
    } else if (auto *repeat = ast::as<ast::Repeat>(stmt)) {
      forEachStmt(static_cast<const ast::Loop &>(*repeat->loop).body, visit);
    }
  }
}

void forEachExpr(const ast::Block &block, const ExprVisitor &visit) {
  auto each = [&](const ast::ExprPtr &part) {
    if (part)
      forEachExpr(*part, visit);
  };
  for (const ast::StmtPtr &stmt : block) {
    if (auto *assign = ast::as<ast::Assign>(stmt)) {
      each(assign->value);
    } else if (auto *update = ast::as<ast::Update>(stmt)) {
      each(update->value);
    } else if (auto *param = ast::as<ast::ParamStmt>(stmt)) {
      visitType(param->type, visit);
      each(param->init);
    } else if (auto *state = ast::as<ast::StateStmt>(stmt)) {
      if (state->type)
        visitType(*state->type, visit);
      each(state->init);
    } else if (auto *ret = ast::as<ast::Return>(stmt)) {
      each(ret->value);
    } else if (auto *yield = ast::as<ast::Yield>(stmt)) {
      each(yield->value);
      each(yield->final);
    } else if (auto *branch = ast::as<ast::If>(stmt)) {
      for (const ast::If::Arm &arm : branch->arms) {
        each(arm.condition);
        forEachExpr(arm.body, visit);
      }
      forEachExpr(branch->elseBody, visit);
    } else if (auto *repeat = ast::as<ast::Repeat>(stmt)) {
      each(repeat->loop);
    } else if (auto *print = ast::as<ast::Print>(stmt)) {
      for (const ast::ExprPtr &value : print->values)
        each(value);
    } else if (auto *expect = ast::as<ast::Expect>(stmt)) {
      each(expect->condition);
      each(expect->within);
    }
  }
}

static void visitTarget(const ast::Target &target,
                        const std::function<void(const ast::Ident &)> &visit) {
  if (!target.isTuple())
    visit(target.name);
  for (const ast::Target &element : target.elements)
    visitTarget(element, visit);
}

/// Calls `visit` with what a `repeat` in the expression assigns, but for the
/// elements that it names itself.
static void visitRepeats(const ast::Expr &expr,
                         const std::function<void(const ast::Ident &)> &visit) {
  uint32_t end = 0; // of the outermost loop in hand
  forEachExpr(expr, [&](const ast::Expr &part) {
    auto *loop = ast::as<ast::Loop>(&part);
    if (!loop || part.loc.offset < end)
      return;
    end = loop->bodyEnd.offset;
    if (loop->loop == ast::LoopKind::Repeat)
      forEachAssigned(loop->body, [&](const ast::Ident &name) {
        for (const ast::Ident &element : loop->elements)
          if (element.text == name.text)
            return;
        visit(name);
      });
  });
}

void forEachAssigned(const ast::Block &block,
                     const std::function<void(const ast::Ident &)> &visit) {
  for (const ast::StmtPtr &stmt : block) {
    if (auto *assign = ast::as<ast::Assign>(stmt)) {
      for (const ast::Target &target : assign->targets)
        visitTarget(target, visit);
      visitRepeats(*assign->value, visit);
    } else if (auto *repeat = ast::as<ast::Repeat>(stmt)) {
      visitRepeats(*repeat->loop, visit);
    } else if (auto *branch = ast::as<ast::If>(stmt)) {
      for (const ast::If::Arm &arm : branch->arms)
        forEachAssigned(arm.body, visit);
      forEachAssigned(branch->elseBody, visit);
    }
  }
}

bool mentions(const ast::Block &block, const std::string &text) {
  bool found = false;
  forEachExpr(block, [&](const ast::Expr &expr) {
    if (auto *name = ast::as<ast::Name>(&expr))
      found |= name->first().text == text;
  });
  return found;
}

} // namespace nnc
