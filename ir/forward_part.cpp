#include "ir/forward_part.h"

#include "ir/op_def.h"

#include <algorithm>

namespace nnc {

bool isRepeatable(const Op &op) {
  return op.def().effect == Effect::None && op.regionCount() == 0;
}

ForwardPart::ForwardPart(const Function &function)
    : end(function.body.terminator()) {
  for (const auto &op : function.body.operations())
    ops.push_back(op.get());
  std::unordered_set<const Op *> losses;
  for (int64_t i = 0; i < end->operandCount(); ++i) {
    const Attr *role = function.resultAttrs[i].find("role");
    if (role && role->asString() == "loss")
      losses.insert(end->operand(i)->definingOp());
  }
  size_t last = ops.size();
  while (last > 0 && !losses.contains(ops[last - 1]))
    --last;
  forward.insert(ops.begin(), ops.begin() + static_cast<int64_t>(last));
  for (int64_t i = 0; i < function.body.argumentCount(); ++i)
    if (!function.argAttrs[i].find("variable"))
      varying.insert(function.body.argument(i));
  for (const Op *op : ops)
    if (std::ranges::any_of(op->operands(), [&](const Value *operand) {
          return varying.contains(operand);
        }))
      for (int64_t i = 0; i < op->resultCount(); ++i)
        varying.insert(op->result(i));
}

bool ForwardPart::isResidual(const Value *value) const {
  bool isRead = false;
  for (const Value::Use &use : value->uses()) {
    if (use.op == end)
      return false;
    isRead |= !contains(use.op);
  }
  return isRead && contains(value->definingOp()) && varies(value) &&
         isRepeatable(*value->definingOp());
}

void ForwardPart::walk(const Op &root,
                       const std::function<void(const Op &)> &visit,
                       const std::function<void(const Value *)> &leaf) const {
  std::unordered_set<const Op *> seen{&root};
  std::vector<const Op *> waiting{&root};
  while (!waiting.empty()) {
    const Op *op = waiting.back();
    waiting.pop_back();
    visit(*op);
    for (const Value *operand : op->operands()) {
      const Op *made = operand->definingOp();
      if (!made || !varies(operand))
        continue;
      if (isResidual(operand) || !isRepeatable(*made))
        leaf(operand);
      else if (seen.insert(made).second)
        waiting.push_back(made);
    }
  }
}

Value *ComputedAgain::before(Op *user, Value *value) {
  // Operands come before what is made of them: no recursion.
  std::vector<Value *> waiting{value};
  while (!waiting.empty()) {
    Value *now = waiting.back();
    Op *made = now->definingOp();
    if (copies.knows(now)) {
      waiting.pop_back();
      continue;
    }
    Builder builder(user);
    if (!forward.varies(now) || !made || !isComputed(now)) {
      // Variables stand for themselves, so that they can be updated in place.
      copies.set(now, forward.varies(now) ? builder.op("again", {now}) : now);
      continue;
    }
    size_t size = waiting.size();
    for (Value *operand : made->operands())
      if (!copies.knows(operand))
        waiting.push_back(operand);
    if (waiting.size() > size)
      continue;
    builder.location = made->location;
    builder.clone(*made, copies);
  }
  return copies.find(value);
}

} // namespace nnc
