//===- ir/dim_terms.h - How a Dim is kept ---------------------------------===//
#ifndef NNC_IR_DIM_TERMS_H
#define NNC_IR_DIM_TERMS_H

#include "ir/dim.h"

namespace nnc {

inline int64_t saturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum))
    return sum;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

inline int64_t saturatingMul(int64_t a, int64_t b) {
  int64_t product;
  if (!__builtin_mul_overflow(a, b, &product))
    return product;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

inline int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/// The order of terms in normal form: lexicographic by their atoms.
bool atomsLess(const Dim::Term &a, const Dim::Term &b);

/// Makes Dims of terms.
struct DimBuilder {
  /// Brings the terms into normal form.
  static Dim make(int64_t constant, std::vector<Dim::Term> terms);
  /// Of terms in normal form.
  static Dim normal(int64_t constant, std::vector<Dim::Term> terms);
  static Dim atom(Dim::Atom atom);
};

} // namespace nnc

#endif // NNC_IR_DIM_TERMS_H
