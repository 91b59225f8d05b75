#include "ir/builder.h"

#include "ir/check.h"
#include "ir/op_def.h"

namespace nnc {

void ValueMap::set(const Value *from, Value *to) { values[from] = to; }

Value *ValueMap::find(Value *from) const {
  auto found = values.find(from);
  return found == values.end() ? from : found->second;
}

bool ValueMap::knows(const Value *from) const { return values.contains(from); }

Op *Builder::insert(std::unique_ptr<Op> op) {
  Op *made = op.get();
  made->parent = block;
  auto position = before ? before->place : block->operations().end();
  made->place = block->operations().insert(position, std::move(op));
  block->isNumbered = false;
  return made;
}

Op *Builder::create(std::string_view name, std::span<Value *const> operands,
                    AttrDict attrs, std::span<const Type> stated) {
  const OpDef &def = opNamed(name);
  std::unique_ptr<Op> op =
      Op::create(def, operands, std::move(attrs), {}, location);
  Inference inference = inferTypes(*op, stated);
  if (!inference.ok())
    internalError("cannot build " + std::string(name) + ": " + inference.error);
  return insert(Op::create(def, operands, std::move(op->attrs),
                           inference.types, location));
}

Op *Builder::createWithRegions(std::string_view name,
                               std::span<Value *const> operands, AttrDict attrs,
                               std::span<const Type> resultTypes,
                               int64_t regions) {
  return insert(Op::create(opNamed(name), operands, std::move(attrs),
                           resultTypes, location, regions));
}

Value *Builder::constant(double value, Type type) {
  return create("constant", {}, {{"value", value}}, {type})->result();
}

Value *Builder::broadcastTo(Value *value, const Shape &shape) {
  const Type &type = value->type();
  if (type.shape() == shape)
    return value;
  std::vector<int64_t> axes;
  int64_t rank = static_cast<int64_t>(shape.size());
  for (int64_t axis = 0; axis < type.rank(); ++axis)
    axes.push_back(rank - type.rank() + axis);
  return create("broadcast", {value}, {{"axes", Attr::ints(axes)}},
                {type.withShape(shape)})
      ->result();
}

Op *Builder::clone(const Op &source, ValueMap &map) {
  std::vector<Value *> operands;
  for (Value *operand : source.operands())
    operands.push_back(map.find(operand));
  std::vector<Type> types = source.resultTypes();
  Op *copy = insert(Op::create(source.def(), operands, source.attrs, types,
                               source.location, source.regionCount()));
  for (int64_t i = 0; i < source.resultCount(); ++i) {
    copy->result(i)->hint = source.result(i)->hint;
    map.set(source.result(i), copy->result(i));
  }
  for (int64_t i = 0; i < source.regionCount(); ++i) {
    const Block &from = source.region(i);
    Block &to = copy->region(i);
    for (int64_t j = 0; j < from.argumentCount(); ++j) {
      Value *argument = from.argument(j);
      map.set(argument, to.addArgument(argument->type(), argument->hint));
    }
    Builder inner(to);
    for (const auto &op : from.operations())
      inner.clone(*op, map);
  }
  return copy;
}

std::unique_ptr<Function> cloneFunction(const Function &function) {
  auto copy = std::make_unique<Function>();
  copy->name = function.name;
  copy->argAttrs = function.argAttrs;
  copy->resultAttrs = function.resultAttrs;
  copy->attrs = function.attrs;
  copy->location = function.location;
  ValueMap map;
  for (int64_t i = 0; i < function.body.argumentCount(); ++i) {
    Value *argument = function.body.argument(i);
    map.set(argument, copy->body.addArgument(argument->type(), argument->hint));
  }
  Builder builder(copy->body);
  for (const auto &op : function.body.operations())
    builder.clone(*op, map);
  return copy;
}

} // namespace nnc
