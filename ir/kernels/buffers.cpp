#include "ir/kernels/buffers.h"

#include "ir/kernels/nest_loops.h"
#include "ir/kernels/trace_text.h"

#include <algorithm>

namespace nnc {

const TensorRef &Buffers::at(const Value *value) {
  TensorRef &found = refs.at(value);
  auto number = temporaryNumbers.find(memoryOf(found.buffer));
  if (number != temporaryNumbers.end())
    temporaries[number->second].lastUse = step;
  return found;
}

Refs Buffers::operandsOf(const Op &op) {
  Refs result;
  for (Value *operand : op.operands())
    result.push_back(at(operand));
  return result;
}

TensorRef Buffers::placeFor(const Value *value) {
  auto wished = wishes.find(value);
  return wished != wishes.end() ? wished->second.front()
                                : temporary(value->type(), value->hint);
}

Refs Buffers::computeIn(const Value *value) {
  auto wished = wishes.find(value);
  Refs places = wished != wishes.end()
                    ? wished->second
                    : Refs{temporary(value->type(), value->hint)};
  set(value, places.front());
  return computed[value] = places;
}

bool Buffers::isAt(const Value *value, const TensorRef &place) const {
  auto known = computed.find(value);
  return known != computed.end() &&
         std::ranges::any_of(known->second, [&](const TensorRef &each) {
           return each.buffer == place.buffer && each.index == place.index;
         });
}

TensorRef Buffers::temporary(const Type &type, const std::string &hint) {
  AttrDict attrs{{"temporary", static_cast<int64_t>(temporaries.size())}};
  Value *buffer = function.addArgument(typeOf(type), hint, attrs);
  temporaryNumbers.emplace(buffer, temporaries.size());
  temporaries.push_back({buffer, step, step});
  return TensorRef::whole(buffer);
}

TensorRef Buffers::kept(const Type &type, const std::string &hint) {
  TensorRef result = temporary(type, hint);
  temporaries.back().isKept = true;
  return result;
}

bool Buffers::isKept(const TensorRef &ref) const {
  auto number = temporaryNumbers.find(memoryOf(ref.buffer));
  return number != temporaryNumbers.end() && temporaries[number->second].isKept;
}

/// A batch may be of one: the turns of a copy are those of the second axis too,
/// if that leaves enough to each.
static int64_t secondTurns(const Shape &shape) {
  constexpr int64_t enough = 128;
  if (shape.size() < 3 || !shape[1].isConstant())
    return 1;
  Dim rest = elementCount(Shape(shape.begin() + 2, shape.end()));
  return rest.isConstant() && rest.value() >= enough ? shape[1].value() : 1;
}

void Buffers::copy(const TensorRef &from, const TensorRef &to,
                   const Shape &shape) {
  NestCode code;
  Shape map;
  for (const Dim &extent : shape) {
    std::string name = "c" + std::to_string(code.parallel.size());
    code.parallel.push_back({name, 0, extent});
    map.push_back(Dim::symbol(name));
  }
  code.loads.push_back({from, from.index.empty() ? Shape() : map});
  code.stores.push_back({to, map});
  Dim turns = shape.size() > 1 ? shape[0] : Dim(1);
  int64_t inner = secondTurns(shape);
  loops.loop("copy", {0, turns * inner, 1, true}, [&](const Dim &turn) {
    Dim index = turn.floorDiv(inner);
    if (shape.size() > 1)
      code.parallel[0] = {code.parallel[0].name, index, 1};
    if (inner > 1)
      code.parallel[1] = {code.parallel[1].name, turn - index * inner, 1};
    emitNest(loops, code);
  });
  loops.endKernel();
  builder.create("barrier", {});
}

void Buffers::fillWithZeros(const TensorRef &to, const Type &type) {
  Type scalar = Type::buffer(type.elem(), {});
  Value *zero = builder.op("global", {}, {{"value", 0.0}}, {scalar});
  copy(TensorRef::whole(zero), to, type.shape());
}

Value *Buffers::loadBool(const TensorRef &place) {
  return builder.op("load", {place.buffer}, {{"index", place.resolve({})}},
                    {Type::scalar(Elem::Bool)});
}

void Buffers::trace(const Op &kernel, int64_t result, Value *buffer) {
  if (!isTraced() || !isFloat(buffer->type().elem()))
    return;
  if (std::string text = traceText(kernel, result); !text.empty())
    builder.create("trace", {buffer}, {{"text", text}});
}

void Buffers::finish() {
  for (const Temporary &each : temporaries) {
    AttrDict &attrs = function.argAttrs[each.buffer->index()];
    attrs.set("first", each.isKept ? 0 : each.firstUse);
    attrs.set("last", each.isKept ? step : each.lastUse);
  }
}

Value *Buffers::memoryOf(Value *buffer) {
  while (buffer->definingOp() && buffer->definingOp()->is("view"))
    buffer = buffer->definingOp()->operand(0);
  return buffer;
}

} // namespace nnc
