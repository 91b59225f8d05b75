//===- runtime/finite.cpp -------------------------------------------------===//
#include "runtime/finite.h"

namespace nnrt {

/// Of a NaN and of an infinity all bits of the exponent are set, and of those
/// numbers alone; in integers, so that the loop becomes vector code.
template <typename Bits>
static bool allBelow(const void *data, int64_t count, Bits exponent) {
  const Bits *bits = static_cast<const Bits *>(data);
  Bits found = 0;
  for (int64_t i = 0; i < count; ++i)
    found |= (bits[i] & exponent) == exponent;
  return !found;
}

bool allFinite(ElemType elem, const void *data, int64_t count) {
  if (elem == ElemType::F32)
    return allBelow<uint32_t>(data, count, 0x7f800000);
  if (elem == ElemType::F64)
    return allBelow<uint64_t>(data, count, 0x7ff0000000000000);
  return true;
}

} // namespace nnrt
