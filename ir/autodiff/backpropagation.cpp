#include "ir/autodiff/backpropagation.h"

#include "ir/check.h"
#include "ir/op_rules.h"
#include "ir/scan.h"

namespace nnc {

std::vector<bool> dependentResults(const Op &op,
                                   const std::vector<bool> &operands) {
  bool any =
      std::find(operands.begin(), operands.end(), true) != operands.end();
  std::vector<bool> results(op.resultCount(), false);
  if (!any || op.def().gradient.rule == rules::zeroGradient)
    return results;
  if (op.is("scan"))
    return dependentScanResults(op, operands);
  for (int64_t i = 0; i < op.resultCount(); ++i)
    results[i] = isFloat(op.result(i)->type().elem());
  return results;
}

ValueSet dependents(const Block &block, std::span<Value *const> sources) {
  ValueSet active(sources.begin(), sources.end());
  for (const auto &op : block.operations()) {
    std::vector<bool> operands;
    for (Value *operand : op->operands())
      operands.push_back(active.contains(operand));
    std::vector<bool> results = dependentResults(*op, operands);
    for (int64_t i = 0; i < op->resultCount(); ++i)
      if (results[i])
        active.insert(op->result(i));
  }
  return active;
}

Backpropagation::Backpropagation(Block &block, std::span<Value *const> sources,
                                 Builder &builder, RewriteLog *log)
    : block(block), sources(sources.begin(), sources.end()),
      active(dependents(block, sources)), builder(builder), log(log) {}

void Backpropagation::add(const Value *value, Value *share) {
  check(share->type() == value->type(), "a derivative has another type");
  Value *&sum = cotangents[value];
  sum = sum ? builder.op("add", {sum, share}) : share;
}

Value *Backpropagation::cotangent(const Value *value) const {
  auto found = cotangents.find(value);
  return found == cotangents.end() ? nullptr : found->second;
}

std::optional<NoDerivative> Backpropagation::run() {
  std::vector<Op *> ops;
  for (const auto &op : block.operations())
    ops.push_back(op.get());
  Location before = builder.location;
  std::optional<NoDerivative> error;
  for (size_t i = ops.size(); i-- > 0 && !error;)
    error = visit(*ops[i]);
  builder.location = before;
  return error;
}

std::optional<NoDerivative> Backpropagation::visit(Op &op) {
  std::vector<Value *> given;
  bool any = false;
  for (int64_t i = 0; i < op.resultCount(); ++i) {
    // A source is independent: nothing flows on to where it comes from.
    bool cut = sources.contains(op.result(i)) || !isActive(op.result(i));
    given.push_back(cut ? nullptr : cotangent(op.result(i)));
    any |= given.back() != nullptr;
  }
  if (!any)
    return std::nullopt;
  std::vector<bool> wanted;
  for (Value *operand : op.operands())
    wanted.push_back(isActive(operand));
  if (!op.def().gradient)
    return NoDerivative{"op " + std::string(op.name()) +
                            " has no derivative: " + op.def().gradient.whyNot,
                        op.location};
  builder.location = op.location;
  GradientContext context(op, builder, std::move(given), wanted);
  context.log = log;
  op.def().gradient.rule(context);
  if (context.error)
    return context.error;
  for (int64_t i = 0; i < op.operandCount(); ++i)
    if (Value *share = context.given(i); share && wanted[i])
      add(op.operand(i), share);
  if (context.isSuperseded)
    superseded.push_back(&op);
  return std::nullopt;
}

} // namespace nnc
