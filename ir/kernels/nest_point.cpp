#include "ir/kernels/nest_point.h"

#include "ir/check.h"

#include <unordered_map>

namespace nnc {

Type NestPoint::typeOf(Elem elem) const {
  return width == 1 ? Type::scalar(elem) : Type::vector(elem, width);
}

Elem NestPoint::storedElem(size_t i) const {
  return code.stores[i].ref.buffer->type().elem();
}

NestPoint::Values NestPoint::point() {
  Values elements;
  for (size_t i = 0; i < code.loads.size(); ++i)
    elements.push_back(given.contains(i) ? given.at(i) : load(i));
  if (!code.body)
    return {elements[0]};
  std::unordered_map<const Value *, Value *> values;
  for (size_t i = 0; i < elements.size(); ++i)
    values[code.body->argument(i)] = elements[i];
  for (const auto &op : code.body->operations()) {
    Values operands;
    for (Value *operand : op->operands())
      operands.push_back(values.at(operand));
    if (op->is("yield"))
      return operands;
    if (op->is("size")) {
      values[op->result()] = size(*op);
      continue;
    }
    AttrDict attrs = op->attrs;
    if (op->is("axis"))
      setAxis(attrs);
    std::vector<Type> types;
    for (const Type &type : op->resultTypes())
      types.push_back(typeOf(type.elem()));
    Op *made = loops.builder.create(op->name(), operands, attrs, types);
    for (int64_t i = 0; i < op->resultCount(); ++i)
      values[op->result(i)] = made->result(i);
  }
  internalError("a nest's body does not yield");
}

Value *NestPoint::size(const Op &op) {
  Elem elem = op.result()->type().elem();
  Value *scalar = loops.builder.op("size", {}, op.attrs, {Type::scalar(elem)});
  if (width == 1)
    return scalar;
  return loops.builder.op("splat", {scalar}, {}, {typeOf(elem)});
}

void NestPoint::setAxis(AttrDict &attrs) {
  Dim value = attrs.find("value")->asDim();
  if (width > 1) {
    if (std::optional<Dim> step = value.coefficientOf(vectorAxis)) {
      attrs.set("step", *step);
    } else {
      attrs.set("offsets", Attr::ints(*places.offsets(value)));
      value = places.common(value).value_or(value);
    }
  }
  attrs.set("value", value.substitute(lookupIn(at)));
}

Value *NestPoint::load(size_t i) {
  const NestCode::Access &access = code.loads[i];
  Builder &b = loops.builder;
  AttrDict attrs{{"index", placeOf(access, at)}};
  if (access.fill)
    attrs.set("fill", *access.fill);
  Elem elem = access.ref.buffer->type().elem();
  std::optional<int64_t> known = stepAlong(access, vectorAxis);
  if (width > 1 && !known)
    return loadSpread(access, std::move(attrs));
  int64_t step = width > 1 ? *known : 0;
  bool isVector = step > 0;
  if (isVector && partial)
    attrs.set("count", *partial);
  if (step > 1)
    attrs.set("step", step);
  Value *value = b.op("load", {access.ref.buffer}, attrs,
                      {isVector ? typeOf(elem) : Type::scalar(elem)});
  nameIndex(i, value);
  if (width > 1 && !isVector)
    value = b.op("splat", {value}, {}, {typeOf(elem)});
  return value;
}

Value *NestPoint::loadSpread(const NestCode::Access &access, AttrDict attrs) {
  Dim index = *lastAlong(access, vectorAxis);
  attrs.set("count", places.reach(index, partial ? *partial : Dim(lanes)));
  Value *shared = loops.builder.op("load", {access.ref.buffer}, attrs,
                                   {typeOf(access.ref.buffer->type().elem())});
  return loops.builder.op("vshuffle", {shared},
                          {{"from", Attr::ints(*places.offsets(index))}});
}

Value *NestPoint::loadOnce(size_t i) {
  std::string place = std::to_string(i);
  for (const Dim &entry : placeOf(code.loads[i], at))
    place += " " + entry.str();
  Value *&known = loaded[place];
  if (!known)
    known = load(i);
  return known;
}

/// The extent of the buffer's axis that axis `axis` of the tensor runs along.
static Dim indexedSize(const NestCode::Access &access, size_t axis) {
  for (size_t i = 0; i < access.ref.index.size(); ++i)
    if (access.ref.index[i] == TensorRef::at(static_cast<int64_t>(axis)))
      return access.ref.buffer->type().dim(static_cast<int64_t>(i));
  internalError("a gathered axis is not an axis of its buffer");
}

void NestPoint::nameIndex(size_t load, Value *value) {
  for (const auto &[symbol, operand] : code.loaded) {
    if (operand != static_cast<int64_t>(load))
      continue;
    auto limit = code.limits.find(symbol);
    Dim size = limit != code.limits.end() ? limit->second : Dim(1);
    for (const auto *accesses : {&code.loads, &code.stores})
      for (const NestCode::Access &access : *accesses)
        for (size_t axis = 0; axis < access.map.size(); ++axis)
          if (access.map[axis].asSymbol() == symbol)
            size = indexedSize(access, axis);
    std::string name = loops.fresh(symbol);
    loops.builder.create("let", {value}, {{"axis", name}, {"size", size}});
    at[symbol] = Dim::symbol(name);
  }
}

void NestPoint::store(const Values &values, const Dim *count) {
  for (size_t i = 0; i < values.size(); ++i) {
    AttrDict attrs{{"index", placeOf(code.stores[i], at)}};
    if (count)
      attrs.set("count", *count);
    loops.builder.create("store", {values[i], code.stores[i].ref.buffer},
                         attrs);
  }
}

NestPoint::Values ThenPoint::of(const Values &sums, size_t load,
                                AxisValues places,
                                const std::string &vectorAxis,
                                const Dim *count) {
  at = std::move(places);
  // The sums may have no such axis, or go over one of that name.
  for (const AxisRange &axis : code.parallel)
    if (axis.extent.isConstant(1))
      at[axis.name] = axis.start;
  this->vectorAxis = vectorAxis;
  width = vectorAxis.empty() ? 1 : lanes;
  partial = count;
  given = {{load, sums[0]}};
  return point();
}

} // namespace nnc
