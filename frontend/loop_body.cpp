//===- loop_body.cpp: one walk over the body of a loop --------------------===//
//
// A carry that starts as `0` takes its shape from a trial walk, whose block is
// thrown away.
//
//===----------------------------------------------------------------------===//
#include "frontend/loop_plan.h"
#include "ir/scan.h"

#include <algorithm>

namespace nnc {

void ExpressionElaborator::resolveFresh(Literal &literal, const Type &type,
                                        const AxisNames &axes) {
  literal.fresh = false;
  literal.shape = type.shape();
  literal.elem = type.elem();
  literal.axes = axes;
  Builder inner(*literal.block);
  if (!literal.block->empty())
    inner.setInsertionBefore(literal.block->operations().front().get());
  inner.location = builder().location;
  literal.value = inner.constant(0, type);
}

/// Gives carries that start as `0` their zeros.
bool ExpressionElaborator::resolveFreshCarries(LoopPlan &plan) {
  if (!std::count(plan.fresh.begin(), plan.fresh.end(), true))
    return true;
  // Each walk over a body walks twice over what is in it.
  constexpr int maxTrials = 10;
  if (state->loopTrials >= maxTrials) {
    error(plan.loop->loc,
          "loops whose carries start as 0 are nested more than " +
              std::to_string(maxTrials) +
              " deep; write their shapes, as in zeros[B, H]");
    return false;
  }
  int places = state->places;
  LoopRun trial;
  ++state->loopTrials;
  bool ok = runLoopBody(plan, true, trial);
  --state->loopTrials;
  if (!ok)
    return false;
  size_t which = 0;
  for (size_t i = 0; i < plan.carries.size(); ++i) {
    if (!plan.fresh[i])
      continue;
    const Literal &literal = *trial.open[which++];
    const Val &next = trial.next[i];
    Type type;
    AxisNames axes;
    if (!literal.fresh) {
      type = literal.value->type();
      axes = literal.axes;
    }
    if (next.isTensor()) {
      // In `10 * h + e` the first use of h tells less than the turn's value.
      if (!type || next.ir->type().rank() > type.rank())
        type = next.ir->type();
      if (type == next.ir->type())
        axes = next.axes;
    }
    if (!type) {
      error(plan.carryNames[i].loc,
            "the body does not tell the shape of carry " +
                plan.carryNames[i].text + "; write it, as in zeros[B, H]");
      return false;
    }
    at(plan.carryNames[i].loc);
    plan.carries[i] = Val::tensor(builder().constant(0, type), axes);
  }
  state->places = places;
  return true;
}

/// The last carries, as names of carries.
static bool
carriesAfterFinal(const ast::Expr &final, const std::vector<ast::Ident> &names,
                  std::vector<size_t> &indices,
                  const std::function<void(Loc, const std::string &)> &error) {
  std::vector<const ast::Expr *> parts = {&final};
  if (auto *tuple = ast::as<ast::Tuple>(&final)) {
    parts.clear();
    for (const ast::ExprPtr &item : tuple->items)
      parts.push_back(item.get());
  }
  for (const ast::Expr *part : parts) {
    auto *name = ast::as<ast::Name>(part);
    auto found = std::find_if(names.begin(), names.end(), [&](auto &each) {
      return name && each.text == name->text();
    });
    if (found == names.end()) {
      error(part->loc, "after `final` stand names of carries");
      return false;
    }
    indices.push_back(found - names.begin());
  }
  return true;
}

void ExpressionElaborator::runYield(const LoopPlan &plan,
                                    const ast::Yield &yield, LoopRun &run) {
  if (plan.loop->loop == ast::LoopKind::Fold) {
    error(yield.loc, "a fold gives its last carry; use scan to yield a value "
                     "on each turn");
    return;
  }
  Val value = eval(*yield.value);
  if (value.kind == Val::Tuple)
    run.outputs = value.items;
  else
    run.outputs = {value};
  for (Val &output : run.outputs)
    output = materialise(output, std::nullopt, yield.value->loc);
  if (yield.final)
    carriesAfterFinal(
        *yield.final, plan.carryNames, run.finals,
        [&](Loc loc, const std::string &message) { error(loc, message); });
}

/// A trial leaves fresh carries open.
bool ExpressionElaborator::runLoopBody(const LoopPlan &plan, bool trial,
                                       LoopRun &run) {
  const ast::Loop &loop = *plan.loop;
  Block &body = run.body;
  size_t before = sink.errorCount();
  Block *outer = &builder().insertionBlock();
  auto values = frame->values;
  auto states = frame->states;
  auto guarded = frame->guarded;
  if (!plan.isRepeat())
    for (const auto &[name, value] : values)
      frame->guarded.insert(name);
  run.state.body = &body;
  run.state.outer = state->loop;
  run.state.frame = frame;
  run.state.around = frame->stacked;
  state->loop = &run.state;
  if (plan.isRepeat()) {
    run.state.stacked = plan.length;
    frame->stacked = &run.state;
  }
  builder().setInsertionEnd(body);
  run.state.position = body.addArgument(Type::scalar(Elem::I32), "t");
  auto bind = [&](const ast::Ident &name, Val value) {
    frame->guarded.erase(name.text);
    frame->states.erase(name.text);
    if (name.text != "_")
      frame->values[name.text] = std::move(value);
  };
  for (size_t i = 0; i < plan.carries.size(); ++i) {
    const ast::Ident &name = plan.carryNames[i];
    const Val &start = plan.carries[i];
    if (!trial || !plan.fresh[i]) {
      Value *argument = body.addArgument(start.ir->type(), name.text);
      bind(name, Val::tensor(argument, start.axes));
      continue;
    }
    Val value = Val::number(0, LiteralKind::Integer);
    value.literal->named = true;
    value.literal->fresh = true;
    value.literal->block = &body;
    value.literal->make = nullptr;
    run.open.push_back(value.literal);
    bind(name, value);
  }
  for (size_t i = 0; i < plan.sequences.size(); ++i) {
    const Val &whole = plan.sequences[i];
    int64_t axis = plan.sequenceAxes[i];
    AxisNames axes = whole.axes;
    axes.erase(axes.begin() + axis);
    Value *part = body.addArgument(withoutAxis(whole.ir->type(), axis),
                                   loop.elements[i].text);
    bind(loop.elements[i], Val::tensor(part, axes));
  }
  bool yielded = false;
  for (const ast::StmtPtr &stmt : loop.body) {
    auto *yield = ast::as<ast::Yield>(stmt);
    if (yielded) {
      error(stmt->loc, "`yield` ends the body of a loop");
      break;
    }
    yielded = yield;
    if (yield)
      runYield(plan, *yield, run);
    else
      runStmt(*stmt);
  }
  if (loop.loop == ast::LoopKind::Scan && !yielded &&
      sink.errorCount() == before)
    error(loop.bodyEnd, "the body of a scan ends with `yield`; a fold gives "
                        "its last carry");
  if (loop.until && sink.errorCount() == before) {
    run.until = materialise(eval(*loop.until), Elem::Bool, loop.until->loc);
    if (run.until.isTensor() &&
        !(run.until.ir->type() == Type::scalar(Elem::Bool)))
      error(loop.until->loc,
            "`until` takes one bool, and this is " + run.until.describe());
  }
  for (const ast::Ident &name : plan.carryNames)
    run.next.push_back(frame->values[name.text]);
  builder().setInsertionEnd(*outer);
  frame->values = std::move(values);
  frame->states = std::move(states);
  frame->guarded = std::move(guarded);
  frame->stacked = run.state.around;
  state->loop = run.state.outer;
  return sink.errorCount() == before;
}

} // namespace nnc
