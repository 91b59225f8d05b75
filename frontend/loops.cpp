//===- loops.cpp: scan, fold and repeat -----------------------------------===//
//
// A loop is planned from its head (here), its body is elaborated into a block
// of its own, which may use values from outside (loop_body.cpp), and the block
// becomes the region of a `scan` op (loop_op.cpp).
//
//===----------------------------------------------------------------------===//
#include "frontend/loop_plan.h"

#include "frontend/walk.h"

namespace nnc {

/// The number of turns, the axis that they lie along, and the sequences.
bool ExpressionElaborator::planTurns(LoopPlan &plan) {
  const ast::Loop &loop = *plan.loop;
  const ast::Expr *along = (loop.count ? loop.count : loop.along).get();
  if (!along) {
    error(loop.loc, "say the axis of this loop, as in `along T`");
    return false;
  }
  bool ok = true;
  for (const ast::ExprPtr &sequence : loop.sequences) {
    Val value = materialise(eval(*sequence), std::nullopt, sequence->loc);
    ok &= !value.isPoison();
    plan.sequences.push_back(value);
  }
  if (!ok)
    return false;
  if (plan.sequences.empty()) {
    std::optional<DimArg> length = dimArgument(*along);
    if (!length)
      return false;
    plan.length = length->size;
    plan.axis = length->axis;
  }
  for (size_t i = 0; i < plan.sequences.size(); ++i) {
    const Val &value = plan.sequences[i];
    auto axis = axisOf(value, along, along->loc);
    if (!axis)
      return false;
    const Dim &size = value.ir->type().dim(*axis);
    if (i == 0) {
      plan.length = size;
      plan.axis = value.axes[*axis];
    } else if (!(plan.length == size)) {
      error(loop.sequences[i]->loc, "the sequences have different lengths, " +
                                        plan.length.str() + " and " +
                                        size.str());
      return false;
    }
    plan.sequenceAxes.push_back(*axis);
  }
  bool known = plan.length.isConstant() && plan.length.value() >= 1;
  if (plan.isRepeat() && !known) {
    error(along->loc, "repeat takes a number known when compiling, at least "
                      "1, not " +
                          plan.length.str());
    return false;
  }
  if (plan.length.isConstant() && !known) {
    error(along->loc,
          "a loop has at least one turn, and this one " + plan.length.str());
    return false;
  }
  return true;
}

/// What `carry` lists, and the outer names that the body rebinds: in `repeat`
/// those that it assigns, in an optimizer what `<-` changes.
bool ExpressionElaborator::planCarries(LoopPlan &plan) {
  const ast::Loop &loop = *plan.loop;
  std::set<std::string> names;
  bool ok = true;
  auto isNew = [&](const ast::Ident &name) {
    if (name.text == "_" || names.insert(name.text).second)
      return true;
    error(name.loc, "this loop has two names " + name.text);
    return ok = false;
  };
  auto add = [&](const ast::Ident &name, Val start, bool fresh, Loc loc) {
    // One of a loop around that has no shape yet gets it in its own trial.
    fresh |= start.isLiteral() && start.literal->fresh;
    if (!fresh)
      start = materialise(start, std::nullopt, loc);
    ok &= !start.isPoison();
    plan.carryNames.push_back(name);
    plan.carries.push_back(start);
    plan.fresh.push_back(fresh);
  };
  for (const ast::Ident &name : loop.elements)
    isNew(name);
  for (const ast::Loop::Carry &carry : loop.carries) {
    if (!isNew(carry.name))
      continue;
    auto *number = ast::as<ast::Number>(carry.init);
    bool isZero = number && number->isInteger && number->text == "0";
    add(carry.name, eval(*carry.init), isZero, carry.init->loc);
  }
  auto rebind = [&](const ast::Ident &name) {
    auto known = frame->values.find(name.text);
    if (known == frame->values.end() || known->second.kind == Val::Instance ||
        names.contains(name.text))
      return;
    names.insert(name.text);
    ast::Name whole;
    whole.path = {name};
    add(name, mayAssign(name) ? evalName(whole) : Val(), false, name.loc);
  };
  if (plan.isRepeat())
    forEachAssigned(loop.body, rebind);
  if (frame->isOptimizer)
    forEachStmt(loop.body, [&](const ast::Stmt &stmt) {
      if (auto *update = ast::as<ast::Update>(&stmt))
        rebind(update->target);
    });
  return ok;
}

static Val pack(std::span<const Val> values) {
  return values.size() == 1 ? values[0]
                            : Val::tuple({values.begin(), values.end()});
}

Val ExpressionElaborator::runLoop(const ast::Loop &loop, bool isStatement) {
  LoopPlan plan;
  plan.loop = &loop;
  LoopRun run;
  bool ok = planTurns(plan) && planCarries(plan) && resolveFreshCarries(plan) &&
            runLoopBody(plan, false, run) && checkCarries(plan, run);
  std::vector<Val> results;
  if (ok)
    results = makeScan(plan, run);
  size_t listed = loop.carries.size(), carries = plan.carryNames.size();
  for (size_t i = listed; i < carries; ++i) {
    frame->states.erase(plan.carryNames[i].text);
    frame->values[plan.carryNames[i].text] = ok ? results[i] : Val();
  }
  if (!ok || isStatement)
    return {};
  std::span<const Val> last(results.data(), carries);
  std::span<const Val> outputs = std::span(results).subspan(carries);
  if (loop.loop == ast::LoopKind::Fold) {
    if (!listed)
      return poison(loop.loc, "a fold needs a carry");
    return pack(last.first(listed));
  }
  if (outputs.empty())
    return poison(loop.loc, "this repeat stands for a value, and ends without "
                            "`yield`");
  if (run.finals.empty())
    return pack(outputs);
  std::vector<Val> chosen;
  for (size_t index : run.finals)
    chosen.push_back(last[index]);
  std::vector<Val> given(outputs.begin(), outputs.end());
  given.push_back(pack(chosen));
  return Val::tuple(std::move(given));
}

} // namespace nnc
