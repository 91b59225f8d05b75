//===- grad.cpp: grad(e, wrt = v) -----------------------------------------===//
#include "frontend/builtin_elaborator.h"

#include <set>

namespace nnc {

std::set<const Value *> reached(const Value *value,
                                const std::set<const Value *> &from) {
  std::set<const Value *> found;
  std::vector<const Value *> work = {value};
  std::set<const Value *> seen;
  while (!work.empty()) {
    const Value *now = work.back();
    work.pop_back();
    if (!seen.insert(now).second)
      continue;
    if (from.contains(now)) {
      found.insert(now);
      continue;
    }
    // What stop_gradient hides counts as constant.
    const Op *op = now->definingOp();
    if (op && !op->is("stop_gradient"))
      for (const Value *operand : op->operands())
        work.push_back(operand);
  }
  return found;
}

Val BuiltinElaborator::grad(const CallSite &site) {
  auto args = arguments(site, {"e", "wrt"}, 2);
  if (!args)
    return {};
  Val e = evalArg((*args)[0]);
  const ast::Expr &wrt = *(*args)[1]->item.value;
  std::vector<const ast::Expr *> parts;
  auto *tuple = ast::as<ast::Tuple>(&wrt);
  if (tuple)
    for (const ast::ExprPtr &item : tuple->items)
      parts.push_back(item.get());
  else
    parts.push_back(&wrt);
  std::vector<Val> values;
  for (const ast::Expr *part : parts) {
    if (!ast::as<ast::Name>(part))
      return poison(part->loc, "wrt takes a name, a parameter's path or a "
                               "tuple of them; give this expression a name "
                               "first");
    values.push_back(eval(*part));
    if (values.back().isPoison())
      return {};
  }
  e = floats(e, "what grad derives", site.loc);
  if (e.isPoison())
    return {};
  if (e.ir->type().rank() != 0)
    return poison((*args)[0]->loc(), "grad derives a scalar, and this is " +
                                         e.describe() + "; sum it first");
  std::vector<Value *> operands = {e.ir};
  for (size_t i = 0; i < values.size(); ++i) {
    Val &value = values[i];
    bool unused = value.isLiteral() && !value.literal->value;
    if (!unused)
      value = materialise(value, std::nullopt, parts[i]->loc);
    if (value.isPoison())
      return {};
    if (unused || value.kind == Val::Size) {
      values[i] = {};
      continue;
    }
    if (!isFloat(value.ir->type().elem()))
      return poison(parts[i]->loc,
                    "there is no derivative by " + value.describe());
    operands.push_back(value.ir);
  }
  // Each alone: one may be computed from another.
  bool ok = true;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].isPoison() || reached(e.ir, {values[i].ir}).empty()) {
      error(parts[i]->loc,
            "what is derived does not depend on " + ast::toSource(*parts[i]));
      ok = false;
    }
  }
  if (!ok)
    return {};
  at(site.loc);
  Op *op = builder().create("gradient", std::span<Value *const>(operands));
  std::vector<Val> results;
  for (size_t i = 0; i < values.size(); ++i)
    results.push_back(
        Val::tensor(op->result(static_cast<int64_t>(i)), values[i].axes));
  return tuple ? Val::tuple(std::move(results)) : results[0];
}

} // namespace nnc
