//===- scan_loops.cpp: a scan as a loop over buffers ----------------------===//
//
// A carry lives in the memory of the scan's result. Where a kernel computes
// what is stacked, it does so in its place, and a carry's next value over the
// old one, if nobody reads that any more; what is both goes to both places.
// A carry whose old value its own kernel still reads elsewhere, as a product
// does, has two places: each turn writes the one that the next turn reads.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/scan_loops.h"

#include "ir/kernels/variable_updates.h"
#include "ir/scan.h"

#include <algorithm>

namespace nnc {

namespace {

class ScanLoop {
public:
  ScanLoop(Buffers &buffers, const Op &op,
           const std::function<void(Op &)> &lowerOp)
      : buffers(buffers), builder(buffers.builder), op(op), parts(op),
        body(op.region()), yield(*body.terminator()), lowerOp(lowerOp) {}

  void emit() {
    operands = buffers.operandsOf(op);
    for (int64_t i = 0; i < op.resultCount(); ++i) {
      bool isCarry = i < parts.carries;
      twoPlaces.push_back(isCarry && needsTwoPlaces(i));
      TensorRef place =
          twoPlaces[i] ? buffers.temporary(withAxis(op.result(i)->type(), 0, 2),
                                           op.result(i)->hint)
                       : buffers.placeFor(op.result(i));
      (isCarry ? carried : stacked).push_back(place);
      buffers.set(op.result(i), isCarry ? carry(i, parts.length) : place);
    }
    for (int64_t i = 0; i < parts.carries; ++i)
      buffers.copy(operands[i], carry(i, 0), op.result(i)->type().shape());
    if (parts.until || parts.masked)
      for (size_t i = 0; i < stacked.size(); ++i)
        buffers.fillWithZeros(stacked[i], stackedType(i));

    LoopBuilder::Bounds bounds{0, parts.length};
    bounds.reverse = parts.reverse;
    bounds.until = parts.until;
    LoopBuilder::Turns turns;
    for (int64_t i = parts.carries + parts.sequences; i < op.operandCount();
         ++i)
      turns.fixed.insert(operands[i].buffer);
    auto turn = [&](const Dim &t, LoopBuilder::Values) {
      turns.index = parts.reverse ? parts.length - 1 - t : t;
      turns.place = t;
      turns.length = parts.length;
      Builder outer = builder;
      if (parts.masked)
        enterIf(operands[parts.mask()].slice(0, t));
      bindArguments(t, turns.index);
      LoopBuilder::Values isLast = emitBody(t, turns.index);
      if (parts.masked) {
        builder.create("yield", {});
        builder = outer;
      }
      return isLast;
    };
    // A step that is left out may be the first.
    buffers.loops.inTurns(parts.masked ? nullptr : &turns,
                          [&] { buffers.loops.carry("t", bounds, {}, turn); });
    // The next turn needs them again, and writes over what this one left.
    buffers.operandsOf(op);
    for (int64_t i = 0; i < op.resultCount(); ++i)
      buffers.at(op.result(i));
  }

private:
  Type stackedType(size_t i) const {
    return op.result(parts.carries + static_cast<int64_t>(i))->type();
  }
  Value *stackedValue(size_t i) const {
    return yield.operand(parts.carries + static_cast<int64_t>(i));
  }

  /// A mask or an early end would leave open which of the two is the last;
  /// reshapes, and training where it looks for a NaN, need a tensor that is its
  /// buffer.
  bool needsTwoPlaces(int64_t i) const {
    const Value *value = yield.operand(i), *old = parts.argumentOf(i);
    const Op *producer = value->definingOp();
    return !parts.until && !parts.masked && !buffers.isTraced() &&
           !buffers.hasWish(op.result(i)) && producer &&
           producer->is("kernel") &&
           std::ranges::all_of(
               old->uses(),
               [](const Value::Use &use) { return use.op->is("kernel"); }) &&
           !whyNotOver(*old, *producer, value->index()).empty();
  }

  /// Where carry `i` is before the turn of this number.
  TensorRef carry(int64_t i, const Dim &turn) const {
    return twoPlaces[i] ? carried[i].slice(0, turn - 2 * turn.floorDiv(2))
                        : carried[i];
  }

  void bindArguments(const Dim &t, const Dim &turn) {
    int64_t carries = parts.carries, sequences = parts.sequences;
    stepNumber(body.argument(0), t);
    for (int64_t i = 0; i < carries; ++i)
      buffers.set(parts.argumentOf(i), carry(i, turn));
    for (int64_t i = 0; i < sequences; ++i)
      buffers.set(parts.argumentOf(carries + i),
                  operands[carries + i].slice(parts.sequenceAxes[i], t));
    for (int64_t i = carries + sequences; i < op.operandCount(); ++i)
      buffers.set(parts.argumentOf(i), operands[i]);
  }

  /// The step's index, as a tensor that kernels can read.
  void stepNumber(const Value *argument, const Dim &t) {
    if (argument->isUnused())
      return;
    TensorRef place = buffers.temporary(argument->type(), "t");
    buffers.loops.loop("once", {0, 1, 1, true}, [&](const Dim &) {
      Value *number = builder.op("axis", {}, {{"value", t}},
                                 {Type::scalar(argument->type().elem())});
      builder.create("store", {number, place.buffer}, {{"index", Shape()}});
    });
    builder.create("barrier", {});
    buffers.set(argument, place);
  }

  /// What follows is run only if the bool there is true.
  void enterIf(const TensorRef &place) {
    Value *holds = buffers.loadBool(place);
    Value *number = builder.op("cast", {holds}, {}, {Type::scalar(Elem::I32)});
    std::string symbol = buffers.loops.fresh("runs");
    builder.create("let", {number}, {{"axis", symbol}, {"size", Dim(2)}});
    Op *branch = builder.createWithRegions(
        "if", {}, {{"conditions", AttrList{Dim::symbol(symbol) - 1}}}, {}, 1);
    builder.setInsertionEnd(branch->region());
  }

  /// Has a kernel write carry `i` where the next turn reads it, if it may.
  void wishInPlace(int64_t i, const Dim &turn) {
    const Value *value = yield.operand(i);
    if (twoPlaces[i])
      return buffers.wish(value, carry(i, turn + 1));
    const Op *producer = value->definingOp();
    while (producer && producer->is("reshape")) {
      value = producer->operand(0);
      producer = value->definingOp();
    }
    if (!producer || !producer->is("kernel") ||
        !whyNotOver(*parts.argumentOf(i), *producer, value->index()).empty())
      return;
    if (value == yield.operand(i))
      buffers.wish(value, carried[i]);
    else if (carried[i].isWhole() && !buffers.hasWish(value))
      buffers.wish(value, TensorRef::whole(
                              builder.op("view", {carried[i].buffer}, {},
                                         {Buffers::typeOf(value->type())})));
  }

  /// Gives whether the step is the last, if the scan asks.
  LoopBuilder::Values emitBody(const Dim &t, const Dim &turn) {
    Refs places;
    for (size_t i = 0; i < stacked.size(); ++i) {
      places.push_back(stacked[i].slice(parts.resultAxes[i], t));
      const Op *producer = stackedValue(i)->definingOp();
      if (producer && producer->is("kernel"))
        buffers.wish(stackedValue(i), places[i]);
    }
    for (int64_t i = 0; i < parts.carries; ++i)
      wishInPlace(i, turn);
    for (const auto &each : body.operations())
      if (each.get() != &yield) {
        buffers.nextStep();
        lowerOp(*each);
      }
    for (size_t i = 0; i < stacked.size(); ++i) {
      TensorRef from = buffers.at(stackedValue(i));
      if (!buffers.isAt(stackedValue(i), places[i]))
        buffers.copy(from, places[i], stackedValue(i)->type().shape());
    }
    LoopBuilder::Values isLast;
    if (parts.until) {
      // Every thread has seen it before its memory is written again.
      Value *done = yield.operand(yield.operandCount() - 1);
      isLast = {buffers.loadBool(buffers.at(done))};
      builder.create("barrier", {});
    }
    emitCarries(turn + 1);
    return isLast;
  }

  /// All next carries exist before the first is overwritten; one that is
  /// another carry's old value is saved first.
  void emitCarries(const Dim &turn) {
    Refs next;
    for (int64_t i = 0; i < parts.carries; ++i) {
      const Value *value = yield.operand(i);
      TensorRef to = carry(i, turn);
      TensorRef from = buffers.isAt(value, to) ? to : buffers.at(value);
      bool isOtherCarry = false;
      for (int64_t j = 0; j < parts.carries; ++j)
        isOtherCarry |= j != i && Buffers::memoryOf(from.buffer) ==
                                      Buffers::memoryOf(carried[j].buffer);
      if (isOtherCarry) {
        TensorRef saved = buffers.temporary(value->type(), value->hint);
        buffers.copy(from, saved, value->type().shape());
        from = saved;
      }
      next.push_back(from);
    }
    for (int64_t i = 0; i < parts.carries; ++i)
      if (TensorRef to = carry(i, turn); !isInPlace(next[i], to))
        buffers.copy(next[i], to, yield.operand(i)->type().shape());
  }

  static bool isInPlace(const TensorRef &next, const TensorRef &to) {
    return (next.buffer == to.buffer && next.index == to.index) ||
           (next.isWhole() && to.isWhole() &&
            Buffers::memoryOf(next.buffer) == Buffers::memoryOf(to.buffer));
  }

  Buffers &buffers;
  Builder &builder;
  const Op &op;
  ScanParts parts;
  const Block &body;
  const Op &yield;
  const std::function<void(Op &)> &lowerOp;
  Refs operands, carried, stacked;
  std::vector<bool> twoPlaces; ///< For each result.
};

} // namespace

void emitScan(Buffers &buffers, const Op &scan,
              const std::function<void(Op &)> &lowerOp) {
  ScanLoop(buffers, scan, lowerOp).emit();
}

} // namespace nnc
