#include "ir/autodiff/differentiate.h"

#include "ir/autodiff/backpropagation.h"

namespace nnc {

bool dependsOn(Value *y, Value *x) {
  return dependents(*y->parentBlock(), std::span(&x, 1)).contains(y);
}

static std::optional<NoDerivative> expand(Op &op, RewriteLog *log) {
  Value *y = op.operand(0);
  std::vector<Value *> sources(op.operands().begin() + 1, op.operands().end());
  Builder builder(&op);
  Backpropagation walk(*op.parentBlock(), sources, builder, log);
  if (walk.isActive(y))
    walk.add(y, builder.constant(1, y->type()));
  if (std::optional<NoDerivative> error = walk.run())
    return error;
  for (int64_t i = 0; i < op.resultCount(); ++i) {
    Value *derivative = walk.cotangent(sources[i]);
    if (!derivative)
      derivative = builder.constant(0, sources[i]->type());
    op.result(i)->replaceAllUsesWith(derivative);
  }
  op.erase();
  for (Op *each : walk.superseded)
    each->erase();
  return std::nullopt;
}

static std::optional<NoDerivative> differentiateBlock(Block &block,
                                                      RewriteLog *log) {
  std::vector<Op *> ops;
  for (const auto &op : block.operations())
    ops.push_back(op.get());
  // An expansion only removes ops that stand above it.
  for (Op *op : ops) {
    for (int64_t i = 0; i < op->regionCount(); ++i)
      if (std::optional<NoDerivative> error =
              differentiateBlock(op->region(i), log))
        return error;
    if (op->is("gradient"))
      if (std::optional<NoDerivative> error = expand(*op, log))
        return error;
  }
  return std::nullopt;
}

std::optional<NoDerivative> differentiate(Function &function, RewriteLog *log) {
  return differentiateBlock(function.body, log);
}

} // namespace nnc
