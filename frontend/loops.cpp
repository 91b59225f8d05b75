//===- loops.cpp: scan, fold and repeat -----------------------------------===//
//
// A body is first elaborated into a block of its own, which may use values from
// outside; then it is copied into the region of a `scan` op, and what it used
// becomes invariants. A carry that starts as `0` takes its shape from a first,
// trial elaboration of the body.
//
//===----------------------------------------------------------------------===//
#include "frontend/elaborator.h"

#include "frontend/limitations.h"
#include "frontend/walk.h"

#include <algorithm>

namespace nnc {

struct Elaborator::LoopPlan {
  const ast::Loop *loop = nullptr;
  Block *outer = nullptr;
  std::vector<ast::Ident> carryNames;
  std::vector<Val> carries;
  std::vector<bool> fresh; ///< starts as 0, whatever its shape
  std::vector<Val> sequences;
  std::vector<int64_t> sequenceAxes;
  Dim length = 1;
  AxisName axis;
  std::optional<Dim> stacked;
};

void Elaborator::resolveFresh(Literal &literal, const Type &type,
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

/// Runs the body once; `trial` leaves fresh carries open.
bool Elaborator::runLoopBody(const LoopPlan &plan, LoopState &loopState,
                             bool trial, std::vector<Val> &next,
                             std::vector<Val> &outputs,
                             std::vector<std::shared_ptr<Literal>> &open) {
  const ast::Loop &loop = *plan.loop;
  Block &body = *loopState.body;
  size_t before = sink.errorCount();
  Block *outer = &builder().insertionBlock();
  std::map<std::string, Val> values = frame->values;
  std::set<std::string> guarded = frame->guarded;
  if (loop.loop != ast::LoopKind::Repeat)
    for (const auto &[name, value] : values)
      frame->guarded.insert(name);
  loopState.outer = state->loop;
  loopState.frame = frame;
  loopState.stacked = plan.stacked;
  state->loop = &loopState;
  builder().setInsertionEnd(body);
  loopState.position = body.addArgument(Type::scalar(Elem::I32), "t");
  for (size_t i = 0; i < plan.carries.size(); ++i) {
    const ast::Ident &name = plan.carryNames[i];
    frame->guarded.erase(name.text);
    if (trial && plan.fresh[i]) {
      Val value = Val::number(0, LiteralKind::Integer);
      value.literal->named = true;
      value.literal->fresh = true;
      value.literal->block = &body;
      value.literal->make = nullptr;
      open.push_back(value.literal);
      frame->values[name.text] = value;
      continue;
    }
    const Val &start = plan.carries[i];
    frame->values[name.text] =
        Val::tensor(body.addArgument(start.ir->type(), name.text), start.axes);
  }
  for (size_t i = 0; i < plan.sequences.size(); ++i) {
    const Val &whole = plan.sequences[i];
    Shape shape = whole.ir->type().shape();
    AxisNames axes = whole.axes;
    shape.erase(shape.begin() + plan.sequenceAxes[i]);
    axes.erase(axes.begin() + plan.sequenceAxes[i]);
    const ast::Ident &name = loop.elements[i];
    frame->guarded.erase(name.text);
    Value *part =
        body.addArgument(whole.ir->type().withShape(shape), name.text);
    if (name.text != "_")
      frame->values[name.text] = Val::tensor(part, axes);
  }
  bool yielded = false;
  for (const ast::StmtPtr &stmt : loop.body) {
    auto *yield = ast::as<ast::Yield>(stmt);
    if (yielded) {
      error(stmt->loc, "`yield` ends the body of a loop");
      break;
    }
    if (!yield) {
      runStmt(*stmt);
      continue;
    }
    yielded = true;
    if (loop.loop != ast::LoopKind::Scan) {
      if (loop.loop == ast::LoopKind::Fold)
        error(yield->loc, "a fold gives its last carry; use scan to yield "
                          "a value on each turn");
      else
        unsupported(yield->loc, limitations::repeatSlices);
      break;
    }
    Val value = eval(*yield->value);
    if (value.kind == Val::Tuple)
      outputs = value.items;
    else
      outputs = {value};
    for (Val &output : outputs)
      output = materialise(output, std::nullopt, yield->value->loc);
    if (yield->final) {
      // The last carries, as names of carries.
      std::vector<const ast::Expr *> parts;
      if (auto *tuple = ast::as<ast::Tuple>(yield->final))
        for (const ast::ExprPtr &item : tuple->items)
          parts.push_back(item.get());
      else
        parts.push_back(yield->final.get());
      finals.clear();
      for (const ast::Expr *part : parts) {
        auto *name = ast::as<ast::Name>(part);
        size_t index = plan.carryNames.size();
        for (size_t i = 0; name && i < plan.carryNames.size(); ++i)
          if (plan.carryNames[i].text == name->text())
            index = i;
        if (index == plan.carryNames.size())
          error(part->loc, "after `final` stand names of carries");
        else
          finals.push_back(index);
      }
    }
  }
  if (loop.loop == ast::LoopKind::Scan && !yielded &&
      sink.errorCount() == before)
    error(loop.bodyEnd, "the body of a scan ends with `yield`; a fold gives "
                        "its last carry");
  for (size_t i = 0; i < plan.carries.size(); ++i)
    next.push_back(frame->values[plan.carryNames[i].text]);
  builder().setInsertionEnd(*outer);
  frame->values = std::move(values);
  frame->guarded = std::move(guarded);
  state->loop = loopState.outer;
  return sink.errorCount() == before;
}

/// The `scan` op for a plan, from a body in a block of its own.
std::optional<std::vector<Val>> Elaborator::buildLoop(LoopPlan &plan, Loc loc) {
  const ast::Loop &loop = *plan.loop;
  int places = state->places;
  finals.clear();
  if (std::count(plan.fresh.begin(), plan.fresh.end(), true)) {
    auto body = std::make_unique<Block>();
    LoopState trial;
    trial.body = body.get();
    std::vector<Val> next, outputs;
    std::vector<std::shared_ptr<Literal>> open;
    if (!runLoopBody(plan, trial, true, next, outputs, open))
      return std::nullopt;
    size_t which = 0;
    for (size_t i = 0; i < plan.carries.size(); ++i) {
      if (!plan.fresh[i])
        continue;
      const Literal &literal = *open[which++];
      Type type;
      AxisNames axes;
      if (!literal.fresh) {
        type = literal.value->type();
        axes = literal.axes;
      }
      if (next[i].isTensor()) {
        if (!type)
          type = next[i].ir->type();
        if (type == next[i].ir->type())
          axes = next[i].axes;
      }
      if (!type) {
        error(plan.carryNames[i].loc,
              "the body does not tell the shape of carry " +
                  plan.carryNames[i].text + "; write it, as in zeros[B, H]");
        return std::nullopt;
      }
      at(plan.carryNames[i].loc);
      plan.carries[i] = Val::tensor(builder().constant(0, type), axes);
    }
    state->places = places;
  }
  auto body = std::make_unique<Block>();
  LoopState real;
  real.body = body.get();
  std::vector<Val> next, outputs;
  std::vector<std::shared_ptr<Literal>> open;
  if (!runLoopBody(plan, real, false, next, outputs, open))
    return std::nullopt;

  std::vector<Value *> yields;
  builder().setInsertionEnd(*body);
  Block *outer = plan.outer;
  bool ok = true;
  for (size_t i = 0; i < next.size() && ok; ++i) {
    const Val &start = plan.carries[i];
    const std::string &name = plan.carryNames[i].text;
    Val value = materialise(next[i], start.ir->type().elem(), loc);
    if (value.isPoison()) {
      ok = false;
      break;
    }
    bool fits = value.ir->type() == start.ir->type();
    for (size_t j = 0; fits && j < start.axes.size(); ++j)
      fits = start.axes[j].none() || value.axes[j].none() ||
             start.axes[j] == value.axes[j];
    if (!fits) {
      error(plan.carryNames[i].loc, name + " starts as " + start.describe() +
                                        " and is " + value.describe() +
                                        " after a turn; it must keep its type");
      ok = false;
    }
    yields.push_back(value.ir);
  }
  if (!ok) {
    builder().setInsertionEnd(*outer);
    return std::nullopt;
  }
  int64_t place = plan.sequences.empty() ? 1 : plan.sequenceAxes[0];
  AttrList resultAxes;
  std::vector<Type> types;
  std::vector<AxisNames> names;
  for (const Val &carry : plan.carries) {
    types.push_back(carry.ir->type());
    names.push_back(carry.axes);
  }
  for (const Val &output : outputs) {
    yields.push_back(output.ir);
    int64_t axis = std::min<int64_t>(place, output.ir->type().rank());
    resultAxes.push_back(Dim(axis));
    Shape shape = output.ir->type().shape();
    shape.insert(shape.begin() + axis, plan.length);
    AxisNames axes = output.axes;
    axes.insert(axes.begin() + axis, plan.axis);
    types.push_back(output.ir->type().withShape(shape));
    names.push_back(axes);
  }
  at(loc);
  builder().create("yield", std::span<Value *const>(yields));
  builder().setInsertionEnd(*outer);

  std::vector<Value *> operands;
  AttrList sequenceAxes;
  for (const Val &carry : plan.carries)
    operands.push_back(carry.ir);
  for (size_t i = 0; i < plan.sequences.size(); ++i) {
    operands.push_back(plan.sequences[i].ir);
    sequenceAxes.push_back(Dim(plan.sequenceAxes[i]));
  }
  for (const auto &[whole, part] : real.slices) {
    operands.push_back(whole);
    sequenceAxes.push_back(Dim(0));
  }
  int64_t sequences =
      static_cast<int64_t>(operands.size() - plan.carries.size());
  std::vector<Value *> captured;
  for (const auto &op : body->operations())
    for (Value *operand : op->operands())
      if (operand->parentBlock() != body.get() &&
          std::find(captured.begin(), captured.end(), operand) ==
              captured.end())
        captured.push_back(operand);
  operands.insert(operands.end(), captured.begin(), captured.end());
  at(loc);
  Op *op = builder().createWithRegions(
      "scan", operands,
      {{"carries", Dim(static_cast<int64_t>(plan.carries.size()))},
       {"sequences", Dim(sequences)},
       {"length", plan.length},
       {"reverse", loop.backward},
       {"sequence_axes", sequenceAxes},
       {"result_axes", resultAxes}},
      types, 1);
  ValueMap map;
  Block &region = op->region();
  for (int64_t i = 0; i < body->argumentCount(); ++i) {
    Value *from = body->argument(i);
    map.set(from, region.addArgument(from->type(), from->hint));
  }
  for (Value *value : captured)
    map.set(value, region.addArgument(value->type(), value->hint));
  Builder inner(region);
  for (const auto &each : body->operations())
    inner.clone(*each, map);
  std::vector<Val> results;
  for (size_t i = 0; i < types.size(); ++i)
    results.push_back(
        Val::tensor(op->result(static_cast<int64_t>(i)), names[i]));
  return results;
}

Val Elaborator::runLoop(const ast::Loop &loop) {
  if (loop.loop == ast::LoopKind::Repeat)
    return unsupported(loop.loc, limitations::repeatSlices);
  if (loop.until)
    return unsupported(loop.until->loc, limitations::until);
  LoopPlan plan;
  plan.loop = &loop;
  plan.outer = &builder().insertionBlock();
  if (loop.elements.size() != loop.sequences.size())
    return poison(loop.loc,
                  "there are " + std::to_string(loop.elements.size()) +
                      " names for " + std::to_string(loop.sequences.size()) +
                      " sequences");
  if (!loop.along)
    return poison(loop.loc, "say the axis of this loop, as in `along T`");
  bool ok = true;
  for (const ast::ExprPtr &sequence : loop.sequences) {
    Val value = materialise(eval(*sequence), std::nullopt, sequence->loc);
    ok &= !value.isPoison();
    plan.sequences.push_back(value);
  }
  if (!ok)
    return {};
  if (plan.sequences.empty()) {
    std::optional<DimArg> length = dimArgument(*loop.along);
    if (!length)
      return {};
    plan.length = length->size;
    plan.axis = length->axis;
  }
  for (size_t i = 0; i < plan.sequences.size(); ++i) {
    const Val &value = plan.sequences[i];
    auto axis = axisOf(value, loop.along.get(), loop.along->loc);
    if (!axis)
      return {};
    const Dim &size = value.ir->type().dim(*axis);
    if (i == 0) {
      plan.length = size;
      plan.axis = value.axes[*axis];
    } else if (!(plan.length == size)) {
      return poison(loop.sequences[i]->loc,
                    "the sequences have different lengths, " +
                        plan.length.str() + " and " + size.str());
    }
    plan.sequenceAxes.push_back(*axis);
  }
  for (const ast::Loop::Carry &carry : loop.carries) {
    Val value = eval(*carry.init);
    auto *number = ast::as<ast::Number>(carry.init);
    bool fresh = number && number->isInteger && number->text == "0";
    if (!fresh) {
      value = materialise(value, std::nullopt, carry.init->loc);
      if (value.isPoison())
        return {};
    }
    plan.carryNames.push_back(carry.name);
    plan.carries.push_back(value);
    plan.fresh.push_back(fresh);
  }
  std::optional<std::vector<Val>> results = buildLoop(plan, loop.loc);
  if (!results)
    return {};
  size_t carries = plan.carries.size();
  auto pack = [](std::vector<Val> values) {
    return values.size() == 1 ? values[0] : Val::tuple(std::move(values));
  };
  std::vector<Val> last(results->begin(), results->begin() + carries);
  std::vector<Val> outputs(results->begin() + carries, results->end());
  if (loop.loop == ast::LoopKind::Fold) {
    if (last.empty())
      return poison(loop.loc, "a fold needs a carry");
    return pack(last);
  }
  if (!finals.empty()) {
    std::vector<Val> chosen;
    for (size_t index : finals)
      chosen.push_back(last[index]);
    return Val::tuple({pack(outputs), pack(chosen)});
  }
  return pack(outputs);
}

void Elaborator::runRepeat(const ast::Loop &loop) {
  if (!loop.count || !loop.sequences.empty()) {
    unsupported(loop.loc, limitations::repeatSlices);
    return;
  }
  std::optional<Dim> count = dimValue(*loop.count);
  if (!count)
    return;
  if (!count->isConstant() || count->value() < 1) {
    error(loop.count->loc, "repeat takes a number known when compiling, at "
                           "least 1, not " +
                               count->str());
    return;
  }
  for (LoopState *each = state->loop; each; each = each->outer)
    if (each->stacked) {
      unsupported(loop.loc, limitations::nestedRepeat);
      return;
    }
  LoopPlan plan;
  plan.loop = &loop;
  plan.outer = &builder().insertionBlock();
  plan.length = *count;
  plan.stacked = *count;
  bool ok = true;
  forEachAssigned(loop.body, [&](const ast::Ident &name) {
    auto known = frame->values.find(name.text);
    bool twice = std::any_of(
        plan.carryNames.begin(), plan.carryNames.end(),
        [&](const ast::Ident &each) { return each.text == name.text; });
    if (known == frame->values.end() || twice ||
        known->second.kind == Val::Instance)
      return;
    Val value = materialise(known->second, std::nullopt, name.loc);
    ok &= !value.isPoison();
    plan.carryNames.push_back(name);
    plan.carries.push_back(value);
    plan.fresh.push_back(false);
  });
  if (!ok)
    return;
  std::optional<std::vector<Val>> results = buildLoop(plan, loop.loc);
  for (size_t i = 0; i < plan.carryNames.size(); ++i)
    frame->values[plan.carryNames[i].text] = results ? (*results)[i] : Val();
}

} // namespace nnc
