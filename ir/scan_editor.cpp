#include "ir/scan_editor.h"

#include "ir/builder.h"
#include "ir/passes/dead_code.h"

#include <algorithm>

namespace nnc {

ScanEditor::ScanEditor(Op &scan)
    : scan(scan), length(ScanParts(scan).length),
      reverse(ScanParts(scan).reverse), until(ScanParts(scan).until),
      masked(ScanParts(scan).masked) {
  ScanParts parts(scan);
  const Op &yield = *scan.region().terminator();
  for (int64_t i = 0; i < parts.carries; ++i)
    carries.push_back({parts.carry(i), parts.argumentOf(i), yield.operand(i),
                       scan.result(i)});
  for (int64_t i = 0; i < parts.sequences; ++i)
    sequences.push_back({parts.sequence(i), parts.sequenceAxes[i],
                         parts.argumentOf(parts.carries + i)});
  for (int64_t i = 0; i < parts.invariants(); ++i)
    invariants.push_back(
        {parts.invariant(i),
         parts.argumentOf(parts.carries + parts.sequences + i)});
  for (int64_t i = parts.carries; i < scan.resultCount(); ++i)
    stacked.push_back({yield.operand(i), parts.resultAxes[i - parts.carries],
                       scan.result(i)});
  if (until)
    isLast = yield.operand(scan.resultCount());
}

Value *ScanEditor::invariant(Value *operand) {
  Value *argument = addArgument(operand->type(), operand->hint);
  invariants.push_back({operand, argument});
  return argument;
}

void ScanEditor::replace(Value *value, Value *other) {
  value->replaceAllUsesWith(other);
  auto exchange = [&](Value *&held) {
    if (held == value)
      held = other;
  };
  for (Carry &each : carries)
    exchange(each.next);
  for (Stacked &each : stacked)
    exchange(each.value);
  exchange(isLast);
}

bool ScanEditor::isStacked(const Value *value) const {
  return std::any_of(stacked.begin(), stacked.end(),
                     [&](const Stacked &each) { return each.value == value; });
}

/// Leaves out what does not lead to what the lists hand on.
void ScanEditor::dropUnused() {
  std::vector<Value *> yields;
  for (const Carry &each : carries)
    yields.push_back(each.next);
  for (const Stacked &each : stacked)
    yields.push_back(each.value);
  if (until)
    yields.push_back(isLast);
  Block &body = scan.region();
  body.terminator()->erase();
  Builder builder(body);
  builder.location = scan.location;
  builder.create("yield", yields);
  removeDeadOps(body);
  Value *mask = masked ? sequences.back().argument : nullptr;
  std::erase_if(sequences, [&](const Sequence &each) {
    return each.argument != mask && each.argument->isUnused();
  });
  std::erase_if(invariants, [](const Invariant &each) {
    return each.argument->isUnused();
  });
}

std::vector<Value *> ScanEditor::finish() {
  dropUnused();
  std::vector<Value *> operands, arguments = {scan.region().argument(0)};
  std::vector<Type> types;
  std::vector<int64_t> sequenceAxes, resultAxes;
  for (const Carry &each : carries) {
    operands.push_back(each.start);
    arguments.push_back(each.argument);
    types.push_back(each.start->type());
  }
  for (const Sequence &each : sequences) {
    operands.push_back(each.operand);
    arguments.push_back(each.argument);
    sequenceAxes.push_back(each.axis);
  }
  for (const Invariant &each : invariants) {
    operands.push_back(each.operand);
    arguments.push_back(each.argument);
  }
  for (const Stacked &each : stacked) {
    types.push_back(withAxis(each.value->type(), each.axis, length));
    resultAxes.push_back(each.axis);
  }
  AttrDict attrs = scan.attrs;
  attrs.set("carries", static_cast<int64_t>(carries.size()));
  attrs.set("sequences", static_cast<int64_t>(sequences.size()));
  attrs.set("sequence_axes", Attr::ints(sequenceAxes));
  attrs.set("result_axes", Attr::ints(resultAxes));
  Op *made =
      Builder(&scan).createWithRegions("scan", operands, attrs, types, 1);
  Block &body = made->region();
  std::vector<Value *> fresh;
  for (const Value *argument : arguments)
    fresh.push_back(body.addArgument(argument->type(), argument->hint));
  Builder inside(body);
  Op *end = inside.create("yield", std::span<Value *const>());
  while (!scan.region().empty())
    scan.region().operations().front()->moveBefore(end);
  end->erase();
  for (size_t i = 0; i < arguments.size(); ++i)
    arguments[i]->replaceAllUsesWith(fresh[i]);
  std::vector<Value *> results;
  auto give = [&](Value *before, Value *after) {
    if (!before)
      return;
    after->hint = before->hint;
    before->replaceAllUsesWith(after);
  };
  int64_t next = 0;
  for (const Carry &each : carries)
    give(each.result, made->result(next++));
  for (const Stacked &each : stacked) {
    results.push_back(made->result(next));
    give(each.result, made->result(next++));
  }
  return results;
}

void forEachScan(Block &block, const std::function<void(Op &scan)> &visit) {
  std::vector<Op *> scans;
  for (const auto &op : block.operations())
    if (op->is("scan"))
      scans.push_back(op.get());
  for (Op *scan : scans) {
    forEachScan(scan->region(), visit);
    visit(*scan);
  }
}

std::string freshIndex(const AttrDict &contraction) {
  std::string name = "t";
  for (int64_t i = 0;; name = "t" + std::to_string(i++))
    if (std::none_of(contraction.begin(), contraction.end(),
                     [&](const auto &list) {
                       Shape names = list.second.asDims();
                       return std::any_of(
                           names.begin(), names.end(),
                           [&](const Dim &index) { return index.uses(name); });
                     }))
      return name;
}

} // namespace nnc
