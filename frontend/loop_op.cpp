//===- loop_op.cpp: a loop's body becomes the region of a `scan` ----------===//
#include "frontend/loop_plan.h"
#include "ir/scan.h"

#include <algorithm>

namespace nnc {

/// Each carry keeps its type on every turn, and what is yielded has one.
bool ExpressionElaborator::checkCarries(const LoopPlan &plan, LoopRun &run) {
  Block *outer = &builder().insertionBlock();
  builder().setInsertionEnd(run.body);
  bool ok = true;
  for (size_t i = 0; i < run.next.size() && ok; ++i) {
    const Val &start = plan.carries[i];
    const ast::Ident &name = plan.carryNames[i];
    Val &value = run.next[i];
    value = materialise(value, start.ir->type().elem(), plan.loop->loc);
    if (value.isPoison()) {
      ok = false;
      break;
    }
    bool fits = value.ir->type() == start.ir->type();
    for (size_t j = 0; fits && j < start.axes.size(); ++j)
      fits = start.axes[j].none() || value.axes[j].none() ||
             start.axes[j] == value.axes[j];
    if (!fits) {
      error(name.loc, name.text + " starts as " + start.describe() +
                          " and is " + value.describe() +
                          " after a turn; it must keep its type");
      ok = false;
    }
  }
  for (const Val &output : run.outputs)
    ok &= output.isTensor();
  ok &= !plan.loop->until || run.until.isTensor();
  builder().setInsertionEnd(*outer);
  return ok;
}

/// The scanned axis returns where it stood in the first sequence.
static int64_t scannedAxis(const Type &part, const std::vector<int64_t> &axes) {
  return std::min<int64_t>(axes.empty() ? 1 : axes[0], part.rank());
}

/// Gives the last carries, then what was yielded, put together.
std::vector<Val> ExpressionElaborator::makeScan(const LoopPlan &plan,
                                                LoopRun &run) {
  // An operand, and what stands for it in the body.
  using Operand = std::pair<Value *, Value *>;
  std::vector<Operand> carries, sequences, invariants;
  AttrList sequenceAxes, resultAxes;
  std::vector<Value *> yields, parts;
  std::vector<Type> types, partTypes;
  std::vector<AxisNames> names;
  int64_t argument = 1;
  for (size_t i = 0; i < plan.carries.size(); ++i) {
    carries.push_back({plan.carries[i].ir, run.body.argument(argument++)});
    yields.push_back(run.next[i].ir);
    types.push_back(plan.carries[i].ir->type());
    names.push_back(plan.carries[i].axes);
  }
  for (size_t i = 0; i < plan.sequences.size(); ++i) {
    sequences.push_back({plan.sequences[i].ir, run.body.argument(argument++)});
    sequenceAxes.push_back(Dim(plan.sequenceAxes[i]));
  }
  auto putTogether = [&](Value *part, int64_t axis) {
    parts.push_back(part);
    partTypes.push_back(withAxis(part->type(), axis, plan.length));
    resultAxes.push_back(Dim(axis));
  };
  for (const Val &output : run.outputs) {
    int64_t axis = scannedAxis(output.ir->type(), plan.sequenceAxes);
    putTogether(output.ir, axis);
    names.push_back(output.axes);
    names.back().insert(names.back().begin() + axis, plan.axis);
  }
  for (const Printed &printed : run.state.printed)
    putTogether(printed.value, 0);
  // A changed state is a carry, or its parts are put together again.
  std::vector<const LoopVariable *> changedCarries, changedParts;
  for (const LoopVariable &each : run.state.variables) {
    Operand operand{each.outside, each.argument};
    if (run.state.isPart(each)) {
      sequences.push_back(operand);
      sequenceAxes.push_back(Dim(0));
      if (each.isChanged()) {
        putTogether(each.now, 0);
        changedParts.push_back(&each);
      }
    } else if (each.isChanged()) {
      carries.push_back(operand);
      yields.push_back(each.now);
      types.push_back(each.now->type());
      changedCarries.push_back(&each);
    } else if (!each.argument->isUnused()) {
      invariants.push_back(operand);
    }
  }
  yields.insert(yields.end(), parts.begin(), parts.end());
  types.insert(types.end(), partTypes.begin(), partTypes.end());
  if (plan.loop->until)
    yields.push_back(run.until.ir);

  Block *outer = &builder().insertionBlock();
  builder().setInsertionEnd(run.body);
  at(plan.loop->loc);
  builder().create("yield", std::span<Value *const>(yields));
  builder().setInsertionEnd(*outer);
  std::set<const Value *> captured;
  for (const auto &op : run.body.operations())
    for (Value *operand : op->operands())
      if (operand->parentBlock() != &run.body &&
          captured.insert(operand).second)
        invariants.push_back({operand, operand});

  ValueMap map;
  std::vector<Value *> operands;
  for (const auto *group : {&carries, &sequences, &invariants})
    for (const auto &[outside, inside] : *group)
      operands.push_back(outside);
  AttrDict attrs{{"carries", static_cast<int64_t>(carries.size())},
                 {"sequences", static_cast<int64_t>(sequences.size())},
                 {"length", plan.length},
                 {"reverse", plan.loop->backward},
                 {"sequence_axes", sequenceAxes},
                 {"result_axes", resultAxes}};
  if (plan.loop->until)
    attrs.set("until", true);
  Op *op = builder().createWithRegions("scan", operands, attrs, types, 1);
  Block &region = op->region();
  auto standsFor = [&](Value *inside) {
    map.set(inside, region.addArgument(inside->type(), inside->hint));
  };
  standsFor(run.state.position);
  for (const auto *group : {&carries, &sequences, &invariants})
    for (const auto &[outside, inside] : *group)
      standsFor(inside);
  Builder inner(region);
  for (const auto &each : run.body.operations())
    inner.clone(*each, map);

  int64_t result = 0;
  std::vector<Val> results;
  auto next = [&] {
    const AxisNames &axes = names[results.size()];
    results.push_back(Val::tensor(op->result(result++), axes));
  };
  for (size_t i = 0; i < plan.carries.size(); ++i)
    next();
  for (const LoopVariable *each : changedCarries)
    setVariable(each->path, each->stacked, op->result(result++));
  for (size_t i = 0; i < run.outputs.size(); ++i)
    next();
  for (const Printed &printed : run.state.printed) {
    std::string turns = ", turn by turn";
    bool isSaid = printed.text.ends_with(turns);
    addPrinted({op->result(result++), printed.text + (isSaid ? "" : turns)});
  }
  for (const LoopVariable *each : changedParts)
    setVariable(each->path, each->stacked->around, op->result(result++));
  return results;
}

} // namespace nnc
