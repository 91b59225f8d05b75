//===- ir/kernels/nest_point.h - A nest at one place ----------------------===//
//
// What a nest loads, computes and stores at one place of its axes, or at 16
// neighbouring ones at once.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_NEST_POINT_H
#define NNC_IR_KERNELS_NEST_POINT_H

#include "ir/kernels/nest_code.h"
#include "ir/kernels/vector_places.h"

#include <map>
#include <optional>
#include <string>

namespace nnc {

class NestPoint {
public:
  NestPoint(LoopBuilder &loops, const NestCode &code)
      : loops(loops), code(code) {}

protected:
  using Values = LoopBuilder::Values;

  /// What the body gives for each store.
  Values point();
  Value *load(size_t i);
  /// The same, if another row of the same vector has not loaded it.
  Value *loadOnce(size_t i);
  /// `count` lanes of `values`; null: all.
  void store(const Values &values, const Dim *count);

  Type typeOf(Elem elem) const;
  Elem storedElem(size_t i) const;

  LoopBuilder &loops;
  const NestCode &code;
  AxisValues at;
  std::string vectorAxis; ///< Empty: one element at a time.
  VectorPlaces places;    ///< Of the vector in hand, if lanes are spread.
  std::map<std::string, Value *> loaded; ///< By their place.
  std::map<size_t, Value *> given;       ///< In the place of loads.
  int64_t width = 1;
  const Dim *partial = nullptr; ///< How many lanes count, if not all.

private:
  /// The same in every lane.
  Value *size(const Op &op);
  void setAxis(AttrDict &attrs);
  /// The places that the lanes have are loaded once, and then spread.
  Value *loadSpread(const NestCode::Access &access, AttrDict attrs);
  void nameIndex(size_t load, Value *value);
};

/// NestCode::then, for a vector of sums.
class ThenPoint : NestPoint {
public:
  using NestPoint::NestPoint;

  Values of(const Values &sums, size_t load, AxisValues places,
            const std::string &vectorAxis, const Dim *count);
};

} // namespace nnc

#endif // NNC_IR_KERNELS_NEST_POINT_H
