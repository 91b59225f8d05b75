#include "ir/kernels/carry_places.h"

#include "ir/kernels/variable_updates.h"

#include <algorithm>

namespace nnc {

CarryPlaces::CarryPlaces(Buffers &buffers, const Op &scan)
    : buffers(buffers), parts(scan), yield(*scan.region().terminator()) {
  for (int64_t i = 0; i < parts.carries; ++i) {
    const Value *result = scan.result(i);
    Keeps keeps = needs(i);
    Dim places = keeps == Keeps::All ? parts.length + 1 : Dim(2);
    carries.push_back(
        {keeps, keeps == Keeps::Last
                    ? buffers.placeFor(result)
                    : buffers.temporary(withAxis(result->type(), 0, places),
                                        result->hint)});
    buffers.set(result, at(i, parts.length));
  }
}

TensorRef CarryPlaces::at(int64_t i, const Dim &turn) const {
  const auto &[keeps, memory] = carries[i];
  if (keeps == Keeps::Last)
    return memory;
  if (keeps == Keeps::LastTwo)
    return memory.slice(0, turn - 2 * turn.floorDiv(2));
  return memory.slice(0, parts.reverse ? parts.length - turn : turn);
}

bool CarryPlaces::isOverwritten(const TensorRef &ref, int64_t i) const {
  for (int64_t j = 0; j < parts.carries; ++j)
    if (j != i && hasOnePlace(j) &&
        Buffers::memoryOf(carries[j].memory.buffer) ==
            Buffers::memoryOf(ref.buffer))
      return true;
  return false;
}

/// What reads the value takes it where it is, as a part of a buffer.
static bool mayBeAPart(const Value &value) {
  return !isWrittenInto(value) &&
         std::ranges::all_of(value.uses(), [](const Value::Use &use) {
           return use.op->is("kernel") || use.op->is("scan") ||
                  use.op->is("yield") || use.op->is("return");
         });
}

/// A mask or an early end would leave open which place is the last.
CarryPlaces::Keeps CarryPlaces::needs(int64_t i) const {
  if (parts.until || parts.masked)
    return Keeps::Last;
  if (isPutTogether(i))
    return Keeps::All;
  return isReadAsWritten(i) ? Keeps::LastTwo : Keeps::Last;
}

bool CarryPlaces::isPutTogether(int64_t i) const {
  const Value *old = parts.argumentOf(i);
  if (!mayBeAPart(*old) || !mayBeAPart(*parts.op.result(i)))
    return false;
  for (int64_t j = parts.carries; j < parts.op.resultCount(); ++j)
    if (yield.operand(j) == old && isFreeToLie(j))
      return true;
  return false;
}

/// Result `i`, put together, may be wherever it is.
bool CarryPlaces::isFreeToLie(int64_t i) const {
  const Value *result = parts.op.result(i);
  int64_t axis = parts.resultAxes[i - parts.carries];
  bool isInnermost = axis > 0 && axis == result->type().rank() - 1;
  return !isInnermost && !buffers.hasWish(result) && mayBeAPart(*result);
}

/// Reshapes, and training where it looks for a NaN, need a tensor that is its
/// buffer.
bool CarryPlaces::isReadAsWritten(int64_t i) const {
  const Value *value = yield.operand(i), *old = parts.argumentOf(i);
  const Op *producer = value->definingOp();
  return !buffers.isTraced() && !buffers.hasWish(parts.op.result(i)) &&
         producer && producer->is("kernel") &&
         std::ranges::all_of(
             old->uses(),
             [](const Value::Use &use) { return use.op->is("kernel"); }) &&
         !whyNotOver(*old, *producer, value->index()).empty();
}

std::optional<TensorRef> CarryPlaces::ofAllTurns(int64_t i) const {
  if (!isFreeToLie(i))
    return std::nullopt;
  for (int64_t c = 0; c < parts.carries; ++c) {
    if (carries[c].keeps != Keeps::All)
      continue;
    if (yield.operand(i) == parts.argumentOf(c))
      return ofAllTurns(c, i, parts.reverse);
    if (yield.operand(i) == yield.operand(c))
      return ofAllTurns(c, i, !parts.reverse);
  }
  return std::nullopt;
}

/// The places of carry `c` from `first` on, as result `i` has them.
TensorRef CarryPlaces::ofAllTurns(int64_t c, int64_t i, int64_t first) const {
  int64_t axis = parts.resultAxes[i - parts.carries];
  TensorRef ref{carries[c].memory.buffer, {TensorRef::at(axis) + first}};
  for (int64_t own = 0; own < parts.op.result(i)->type().rank(); ++own)
    if (own != axis)
      ref.index.push_back(TensorRef::at(own));
  return ref;
}

} // namespace nnc
