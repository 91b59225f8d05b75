//===- scan_loops.cpp: a scan as a loop over buffers ----------------------===//
//
// Where a kernel computes what is stacked, it does so in its place, and a
// carry's next value where the next turn reads it: over the old one, if nobody
// reads that any more, or in a place that is free. What is both goes to both
// places. What is stacked may go over what the turn has read.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/scan_loops.h"

#include "ir/kernels/carry_places.h"
#include "ir/kernels/over_sequences.h"
#include "ir/kernels/variable_updates.h"

#include <algorithm>

namespace nnc {

namespace {

class ScanLoop {
public:
  ScanLoop(Buffers &buffers, const Op &op,
           const std::function<void(Op &)> &lowerOp)
      : buffers(buffers), builder(buffers.builder), op(op), parts(op),
        body(op.region()), yield(*body.terminator()), lowerOp(lowerOp),
        operands(buffers.operandsOf(op)), carry(buffers, op) {}

  void emit() {
    std::map<int64_t, TensorRef> over =
        resultsOverSequences(buffers, op, operands);
    for (int64_t i = parts.carries; i < op.resultCount(); ++i) {
      std::optional<TensorRef> carried = carry.ofAllTurns(i);
      isCarried.push_back(carried.has_value());
      stacked.push_back(carried            ? *carried
                        : over.contains(i) ? over.at(i)
                                           : buffers.placeFor(op.result(i)));
      buffers.set(op.result(i), stacked.back());
    }
    for (int64_t i = 0; i < parts.carries; ++i)
      buffers.copy(operands[i], carry.at(i, 0), op.result(i)->type().shape());
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
    traceCarries();
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

  void bindArguments(const Dim &t, const Dim &turn) {
    int64_t carries = parts.carries, sequences = parts.sequences;
    stepNumber(body.argument(0), t);
    for (int64_t i = 0; i < carries; ++i)
      buffers.set(parts.argumentOf(i), carry.at(i, turn));
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
    const Op *producer = value->definingOp();
    TensorRef place = carry.at(i, turn + 1);
    if (!carry.hasOnePlace(i)) {
      if (producer && producer->is("kernel"))
        buffers.wish(value, place);
      return;
    }
    while (producer && producer->is("reshape")) {
      value = producer->operand(0);
      producer = value->definingOp();
    }
    if (!producer || !producer->is("kernel") ||
        !whyNotOver(*parts.argumentOf(i), *producer, value->index()).empty())
      return;
    if (value == yield.operand(i))
      buffers.wish(value, place);
    else if (place.isWhole() && !buffers.hasWish(value))
      buffers.wish(value, TensorRef::whole(
                              builder.op("view", {place.buffer}, {},
                                         {Buffers::typeOf(value->type())})));
  }

  /// Gives whether the step is the last, if the scan asks.
  LoopBuilder::Values emitBody(const Dim &t, const Dim &turn) {
    Refs places;
    for (size_t i = 0; i < stacked.size(); ++i) {
      places.push_back(stacked[i].slice(parts.resultAxes[i], t));
      const Op *producer = stackedValue(i)->definingOp();
      if (!isCarried[i] && producer && producer->is("kernel"))
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
      if (!isCarried[i] && !buffers.isAt(stackedValue(i), places[i]))
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
      TensorRef to = carry.at(i, turn);
      TensorRef from = buffers.isAt(value, to) ? to : buffers.at(value);
      if (carry.isOverwritten(from, i)) {
        TensorRef saved = buffers.temporary(value->type(), value->hint);
        buffers.copy(from, saved, value->type().shape());
        from = saved;
      }
      next.push_back(from);
    }
    for (int64_t i = 0; i < parts.carries; ++i)
      if (TensorRef to = carry.at(i, turn); !isInPlace(next[i], to))
        buffers.copy(next[i], to, yield.operand(i)->type().shape());
  }

  /// What each turn made is a part of a buffer, which is whole now.
  void traceCarries() {
    for (int64_t i = 0; i < parts.carries; ++i) {
      const Op *producer = yield.operand(i)->definingOp();
      Value *memory = carry.memoryOfAll(i);
      if (memory && producer && producer->is("kernel"))
        buffers.trace(*producer, yield.operand(i)->index(), memory);
    }
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
  Refs operands;
  CarryPlaces carry;
  Refs stacked;
  std::vector<bool> isCarried; ///< What is stacked, among a carry's places.
};

} // namespace

void emitScan(Buffers &buffers, const Op &scan,
              const std::function<void(Op &)> &lowerOp) {
  ScanLoop(buffers, scan, lowerOp).emit();
}

} // namespace nnc
