#include "ir/kernels/fused_kernel.h"

#include "ir/builder.h"

#include <algorithm>

namespace nnc {

/// Names the shared axes i0, i1, ... and the others j0, j1, ... anew for each
/// kernel, so that equal kernels read alike.
static void renumberAxes(Op &kernel) {
  AttrDict axes;
  Nest::AxisNames shared;
  for (const auto &[name, extent] : kernel.attr("axes").asDict()) {
    shared[name] = "i" + std::to_string(shared.size());
    axes.set(shared[name], extent);
  }
  kernel.attrs.set("axes", axes);
  for (const auto &op : kernel.region().operations()) {
    if (!op->is("nest"))
      continue;
    Nest nest(op.get());
    Nest::AxisNames names = shared;
    int64_t own = 0;
    for (std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
      for (NestAxis &axis : *list)
        if (!shared.contains(axis.name))
          names[axis.name] = "j" + std::to_string(own++);
    nest.renameAxes(names);
    nest.write();
  }
}

Op *makeKernel(Block &block, FusionGroup &group) {
  std::vector<Value *> operands, results;
  auto isOutside = [&](Op *op) {
    return std::find(group.ops.begin(), group.ops.end(), op) == group.ops.end();
  };
  for (Op *op : group.ops) {
    for (Value *operand : op->operands())
      if ((!operand->definingOp() || isOutside(operand->definingOp())) &&
          std::find(operands.begin(), operands.end(), operand) ==
              operands.end())
        operands.push_back(operand);
    for (int64_t i = 0; i < op->resultCount(); ++i)
      for (const Value::Use &use : op->result(i)->uses())
        if (isOutside(use.op)) {
          results.push_back(op->result(i));
          break;
        }
  }
  std::vector<Type> types;
  for (Value *value : results)
    types.push_back(value->type());
  if (Nest first(group.ops[0]); group.isClosed)
    group.axes = first.parallel;
  AttrDict axes;
  for (const NestAxis &axis : group.axes)
    axes.set(axis.name, axis.extent);
  Builder builder(block.terminator());
  builder.location = group.ops.back()->location;
  Op *kernel =
      builder.createWithRegions("kernel", operands, {{"axes", axes}}, types, 1);
  Block &body = kernel->region();
  for (size_t i = 0; i < results.size(); ++i) {
    kernel->result(i)->hint = results[i]->hint;
    std::vector<Value::Use> uses = results[i]->uses();
    for (const Value::Use &use : uses)
      if (isOutside(use.op))
        use.op->setOperand(use.operand, kernel->result(i));
  }
  Builder(body).create("yield", results);
  for (Op *op : group.ops)
    op->moveBefore(body.terminator());
  for (Value *operand : operands) {
    Value *argument = body.addArgument(operand->type(), operand->hint);
    for (Op *op : group.ops)
      for (int64_t i = 0; i < op->operandCount(); ++i)
        if (op->operand(i) == operand)
          op->setOperand(i, argument);
  }
  renumberAxes(*kernel);
  return kernel;
}

} // namespace nnc
