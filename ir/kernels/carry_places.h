//===- ir/kernels/carry_places.h - Where a scan's carries live ------------===//
//
// A carry lives in one place if its next value may be written over the old one,
// and in two if its own kernel still reads the old one elsewhere, as a product
// does: each turn writes the one that the next turn reads. If a scan puts the
// old values of all turns together, as a derivative asks for, the carry has a
// place for each turn and one more: what is put together is in there, and so
// are the new values of all turns, one place further.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_CARRY_PLACES_H
#define NNC_IR_KERNELS_CARRY_PLACES_H

#include "ir/kernels/buffers.h"
#include "ir/scan.h"

namespace nnc {

class CarryPlaces {
public:
  /// Takes memory for all carries.
  CarryPlaces(Buffers &buffers, const Op &scan);

  /// Where carry `i` is before the turn of this number.
  TensorRef at(int64_t i, const Dim &turn) const;
  bool hasOnePlace(int64_t i) const { return carries[i].keeps == Keeps::Last; }
  /// The memory with the values of carry `i` before and after all turns; null
  /// if it has no place for each.
  Value *memoryOfAll(int64_t i) const {
    return carries[i].keeps == Keeps::All ? carries[i].memory.buffer : nullptr;
  }
  /// Whether a carry other than `i` has its only place there.
  bool isOverwritten(const TensorRef &ref, int64_t i) const;
  /// Where result `i`, which the scan puts together, is, if that is among the
  /// places of a carry.
  std::optional<TensorRef> ofAllTurns(int64_t i) const;

private:
  enum class Keeps { Last, LastTwo, All };
  struct Carry {
    Keeps keeps;
    TensorRef memory; ///< If there are several places, along axis 0.
  };

  Keeps needs(int64_t i) const;
  bool isPutTogether(int64_t i) const;
  bool isFreeToLie(int64_t i) const;
  bool isReadAsWritten(int64_t i) const;
  TensorRef ofAllTurns(int64_t c, int64_t i, int64_t first) const;

  const Buffers &buffers;
  ScanParts parts;
  const Op &yield;
  std::vector<Carry> carries;
};

} // namespace nnc

#endif // NNC_IR_KERNELS_CARRY_PLACES_H
