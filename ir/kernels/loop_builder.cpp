#include "ir/kernels/loop_builder.h"

namespace nnc {

Dim::Lookup lookupIn(const AxisValues &values) {
  return [&values](std::string_view name) -> std::optional<Dim> {
    auto found = values.find(name);
    if (found == values.end())
      return std::nullopt;
    return found->second;
  };
}

std::string LoopBuilder::fresh(const std::string &name) {
  return name + "." + std::to_string(nameCounts[name]++);
}

void LoopBuilder::loop(const std::string &name, const Bounds &bounds,
                       const std::function<void(const Dim &)> &body) {
  Dim length = bounds.to - bounds.from;
  if (length.isConstant() && length.value() <= 0)
    return;
  bool once = length.isConstant() && length.value() <= bounds.step;
  if (once && !bounds.parallel)
    return body(bounds.from);
  carry(name, bounds, {}, [&](const Dim &index, Values) {
    body(index);
    return Values();
  });
}

LoopBuilder::Values
LoopBuilder::carry(const std::string &name, const Bounds &bounds, Values first,
                   const std::function<Values(const Dim &, Values)> &body) {
  std::string symbol = fresh(name);
  AttrDict attrs{{"axis", symbol},
                 {"from", bounds.from},
                 {"to", bounds.to},
                 {"step", bounds.step}};
  if (bounds.parallel)
    attrs.set("parallel", true);
  if (bounds.reverse)
    attrs.set("reverse", true);
  if (bounds.until)
    attrs.set("until", true);
  if (!bounds.alternate.isConstant(0))
    attrs.set("alternate", bounds.alternate);
  std::vector<Type> types;
  for (Value *value : first)
    types.push_back(value->type());
  Op *op = builder.createWithRegions("for", first, attrs, types, 1);
  if (turns && !turns->loop)
    turns->loop = op;
  Values carried, results;
  for (Value *value : first)
    carried.push_back(op->region().addArgument(value->type()));
  Builder outer = builder;
  builder.setInsertionEnd(op->region());
  Values next = body(Dim::symbol(symbol), carried);
  builder.create("yield", next);
  builder = outer;
  for (int64_t i = 0; i < op->resultCount(); ++i)
    results.push_back(op->result(i));
  return results;
}

Value *LoopBuilder::scratch(Elem elem, Shape shape) {
  Dim bytes = elementCount(shape) * elemBytes(elem);
  Value *buffer = builder.op("alloc", {}, {{"offset", used}},
                             {Type::buffer(elem, std::move(shape))});
  used = used + bytes.roundUp(64);
  return buffer;
}

void LoopBuilder::endKernel() {
  most = Dim::max(most, used);
  used = 0;
}

Value *LoopBuilder::heldScratch(Elem elem, Shape shape) {
  Dim bytes = elementCount(shape) * elemBytes(elem);
  Builder before(turns->loop);
  Op *alloc = before.create("alloc", {}, {{"offset", held}, {"held", true}},
                            {Type::buffer(elem, std::move(shape))});
  heldAllocs.push_back(alloc);
  held = held + bytes.roundUp(64);
  return alloc->result();
}

void LoopBuilder::inTurns(Turns *next, const std::function<void()> &body) {
  Turns *outer = turns;
  turns = next;
  ++depth;
  body();
  turns = outer;
  if (--depth == 0) {
    mostHeld = Dim::max(mostHeld, held);
    held = 0;
  }
}

void LoopBuilder::inFirstTurn(const std::function<void()> &body) {
  loop("first", {0, 1 - Dim::min(turns->index, 1)},
       [&](const Dim &) { body(); });
}

void LoopBuilder::inFirstRuns(int64_t count,
                              const std::function<void()> &body) {
  Builder outer = builder;
  Op *&runLoop = runLoops[count];
  if (!runLoop) {
    // What two runs pack may be computed in the first of them.
    Op *first = count > 1 ? runLoops[1] : nullptr;
    builder.setInsertionBefore(first ? first->next()
                                     : kept->body.operations().front().get());
    Dim runs = Dim::symbol(std::string(runsSymbol));
    loop("run", {0, 1 - Dim::min(runs.floorDiv(count), 1)},
         [&](const Dim &) { runLoop = builder.insertionBlock().parentOp(); });
  }
  builder.setInsertionBefore(runLoop->region().terminator());
  body();
  builder.create("barrier", {});
  builder = outer;
}

TensorRef LoopBuilder::inFront(TensorRef ref) {
  ValueMap map;
  std::function<Value *(Value *)> name = [&](Value *value) -> Value * {
    Op *made = value->definingOp();
    if (!made)
      return value;
    for (Value *operand : made->operands())
      if (Value *there = name(operand); there != operand)
        map.set(operand, there);
    return builder.clone(*made, map)->result();
  };
  ref.buffer = name(ref.buffer);
  return ref;
}

Dim LoopBuilder::finishScratch() {
  Dim shared = most.roundUp(64);
  for (Op *alloc : heldAllocs)
    alloc->attrs.set("offset", shared + alloc->attr("offset").asDim());
  return heldAllocs.empty() ? most : shared + mostHeld;
}

} // namespace nnc
