#include "ir/rewriter.h"

#include "ir/check.h"
#include "ir/op_def.h"

#include <algorithm>
#include <cmath>

namespace nnc {

Rewriter::Rewriter(Function &function) {
  collect(function.body);
  // The list is taken from the end: first ops of the text first.
  std::reverse(waiting.begin(), waiting.end());
}

void Rewriter::collect(Block &block) {
  for (const auto &op : block.operations()) {
    for (int64_t i = 0; i < op->regionCount(); ++i)
      collect(op->region(i));
    push(op.get());
  }
}

void Rewriter::push(Op *op) {
  if (present.insert(op).second)
    waiting.push_back(op);
}

void Rewriter::pushUsers(const Op &op) {
  for (int64_t i = 0; i < op.resultCount(); ++i)
    for (const Value::Use &use : op.result(i)->uses())
      push(use.op);
}

Value *Rewriter::op(std::string_view name, std::span<Value *const> operands,
                    AttrDict attrs, std::span<const Type> stated) {
  Op *made = Builder(root).create(name, operands, std::move(attrs), stated);
  push(made);
  this->made.push_back(made);
  return made->result();
}

Value *Rewriter::op(std::string_view name,
                    std::initializer_list<Value *> operands, AttrDict attrs,
                    std::initializer_list<Type> stated) {
  return op(name, std::span(operands.begin(), operands.size()),
            std::move(attrs), std::span(stated.begin(), stated.size()));
}

Value *Rewriter::constant(double value, Type type) {
  return op("constant", {}, {{"value", value}}, {std::move(type)});
}

bool Rewriter::replace(Op &op, Value *value) {
  check(op.resultCount() == 1 && op.result()->type() == value->type(),
        "a rule replaces a value by one of another type");
  if (value->hint.empty() && value->definingOp())
    value->hint = op.result()->hint;
  pushUsers(op);
  op.result()->replaceAllUsesWith(value);
  push(&op);
  return true;
}

/// Forgets the ops of a region that goes away.
static void forget(std::unordered_set<Op *> &present, const Op &op) {
  present.erase(const_cast<Op *>(&op));
  for (int64_t i = 0; i < op.regionCount(); ++i)
    for (const auto &inner : op.region(i).operations())
      forget(present, *inner);
}

void Rewriter::erase(Op &op) {
  // A region has what it uses from outside among these: see ir/passes/cse.cpp.
  for (Value *operand : op.operands())
    if (Op *made = operand->definingOp())
      push(made);
  forget(present, op);
  op.erase();
}

bool Rewriter::eraseIfDead(Op &op) {
  if (op.def().effect == Effect::Keep || op.def().effect == Effect::Memory)
    return false;
  for (int64_t i = 0; i < op.resultCount(); ++i)
    if (!op.result(i)->isUnused())
      return false;
  erase(op);
  return true;
}

/// What the rule made, in the place of what nobody uses any more.
Remark Rewriter::remarkOn(const RewriteRule &rule) const {
  Remark remark;
  remark.rule = rule.name;
  remark.text = rule.doc;
  remark.location = root->location;
  for (const Op *op : made)
    remark.after = remark.after + workOf(*op);
  std::vector<const Op *> dead = {root};
  auto isDead = [&](const Value::Use &use) {
    return std::find(dead.begin(), dead.end(), use.op) != dead.end();
  };
  for (size_t i = 0; i < dead.size(); ++i) {
    remark.before = remark.before + workOf(*dead[i]);
    for (const Value *operand : dead[i]->operands()) {
      const Op *op = operand->definingOp();
      if (op && op->resultCount() == 1 && !isDead({const_cast<Op *>(op), 0}) &&
          std::all_of(operand->uses().begin(), operand->uses().end(), isDead))
        dead.push_back(op);
    }
  }
  return remark;
}

bool rewrite(Function &function,
             std::span<const std::span<const RewriteRule>> groups,
             RewriteLog *log) {
  Rewriter rewriter(function);
  // Sound rules end; rules that undo one another would not.
  int64_t limit = 1000 + 100 * static_cast<int64_t>(rewriter.waiting.size());
  bool any = false;
  while (!rewriter.waiting.empty()) {
    Op *op = rewriter.waiting.back();
    rewriter.waiting.pop_back();
    if (!rewriter.present.erase(op))
      continue;
    if (rewriter.eraseIfDead(*op)) {
      any = true;
      continue;
    }
    rewriter.root = op;
    rewriter.made.clear();
    const Location location = op->location; // The rule may erase it.
    const RewriteRule *applied = nullptr;
    for (std::span<const RewriteRule> group : groups) {
      for (const RewriteRule &rule : group)
        if ((rule.root.empty() || op->is(rule.root)) &&
            (!log || log->allows(rule.name)) && rule.apply(*op, rewriter)) {
          applied = &rule;
          break;
        }
      if (applied)
        break;
    }
    if (!applied)
      continue;
    any = true;
    if (log) {
      log->count(applied->name, location);
      if (log->records)
        log->record(rewriter.remarkOn(*applied));
    }
    if (--limit < 0)
      internalError("rewriting does not come to an end; the last rule was " +
                    std::string(applied->doc));
  }
  return any;
}

Op *operandOp(const Op &op, int64_t i, std::string_view name) {
  Op *made = op.operand(i)->definingOp();
  return made && made->is(name) ? made : nullptr;
}

std::optional<double> splatOf(const Value *value) {
  const Op *made = value->definingOp();
  if (!made || !made->is("constant"))
    return std::nullopt;
  if (const double *splat = made->attr("value").getIf<double>())
    return *splat;
  return std::nullopt;
}

bool isSplat(const Value *value, double wanted) {
  std::optional<double> splat = splatOf(value);
  return splat && *splat == wanted &&
         std::signbit(*splat) == std::signbit(wanted);
}

bool isFrozen(const Value *value) {
  const Op *op = value->definingOp();
  return op && op->findAttr("frozen");
}

} // namespace nnc
