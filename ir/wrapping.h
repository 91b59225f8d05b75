//===- ir/wrapping.h - Integers that do not fit ---------------------------===//
//
// The reference holds every element as a double. Of a whole number that does
// not fit into an i32, an i32 holds the lower 32 bits, as compiled code does.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_WRAPPING_H
#define NNC_IR_WRAPPING_H

#include "ir/type.h"

#include <cmath>
#include <cstdint>

namespace nnc {

/// What an element of this type holds of a sum or difference. Exact up to 2^53;
/// an infinity, where a maximum starts, is the end of the range.
inline double wrapped(Elem elem, double value) {
  if (elem != Elem::I32)
    return value;
  if (std::fabs(value) < 0x1p63)
    return static_cast<int32_t>(static_cast<int64_t>(value));
  return value < 0 ? INT32_MIN : INT32_MAX;
}

/// What an element of this type holds of a product. That of two i32 may need
/// more bits than a double has.
inline double product(Elem elem, double a, double b) {
  if (elem != Elem::I32)
    return a * b;
  auto bits = [](double value) {
    return static_cast<uint32_t>(static_cast<int64_t>(value));
  };
  return static_cast<int32_t>(bits(a) * bits(b));
}

/// What a cast of a float gives: the nearest of the range, and 0 of NaN.
inline double saturated(Elem elem, double value) {
  double limit = elem == Elem::I32 ? 0x1p31 : 0x1p63;
  if (std::isnan(value))
    return 0;
  if (std::fabs(value) < limit)
    return std::trunc(value);
  return value < 0 ? -limit : elem == Elem::I32 ? limit - 1 : limit;
}

} // namespace nnc

#endif // NNC_IR_WRAPPING_H
