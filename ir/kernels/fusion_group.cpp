#include "ir/kernels/fusion_group.h"

#include <algorithm>
#include <set>

namespace nnc {

bool FusionGroup::hasAxis(std::string_view name) const {
  return std::any_of(axes.begin(), axes.end(),
                     [&](const NestAxis &axis) { return axis.name == name; });
}

bool FusionGroup::hasContraction() const {
  return std::ranges::any_of(ops,
                             [](Op *op) { return Nest(op).isContraction(); });
}

bool readsOf(const Op &op, const FusionGroup &group) {
  return std::ranges::any_of(op.operands(), [&](const Value *operand) {
    return std::ranges::find(group.ops, operand->definingOp()) !=
           group.ops.end();
  });
}

/// The same, for what `nest` loads as operand `load`.
static std::optional<Nest::AxisNames> commonAxes(const FusionGroup &group,
                                                 const FusionGroup &other,
                                                 const Nest &nest,
                                                 int64_t load) {
  const Value *value = nest.op->operand(load);
  Nest producer(value->definingOp());
  const Shape &written = producer.results[value->index()];
  Nest::AxisNames names;
  std::set<std::string> taken;
  for (size_t d = 0; d < written.size(); ++d) {
    std::optional<std::string> axis = written[d].asSymbol(),
                               read = nest.maps[load][d].asSymbol();
    bool isCommon = axis && read && other.hasAxis(*axis) &&
                    group.hasAxis(*read) && !nest.fill[load] &&
                    producer.findParallel(*axis)->extent ==
                        nest.findParallel(*read)->extent;
    if (isCommon && taken.insert(*read).second)
      names.emplace(*axis, *read);
  }
  bool hasAll =
      names.size() == other.axes.size() && names.size() == group.axes.size();
  return hasAll ? std::optional(names) : std::nullopt;
}

std::optional<Nest::AxisNames> sharedTiles(const FusionGroup &group,
                                           const FusionGroup &other) {
  if (other.isClosed || (other.hasContraction() && group.hasContraction()))
    return std::nullopt;
  if (other.axes.empty()) {
    bool isNumber = other.ops.size() == 1 && !Nest(other.ops[0]).isReduction();
    return isNumber ? std::optional<Nest::AxisNames>(std::in_place)
                    : std::nullopt;
  }
  std::optional<Nest::AxisNames> names;
  for (Op *op : group.ops) {
    Nest nest(op);
    for (int64_t i = 0; i < nest.loadCount(); ++i) {
      if (std::ranges::find(other.ops, op->operand(i)->definingOp()) ==
          other.ops.end())
        continue;
      std::optional<Nest::AxisNames> common = commonAxes(group, other, nest, i);
      if (!common || (names && names != common))
        return std::nullopt;
      names = common;
    }
  }
  return names;
}

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

Op *makeKernel(FusionGroup &group) {
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
  Builder builder(group.ops.back()->next());
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
