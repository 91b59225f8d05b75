//===- codegen/math_log.cpp - log -----------------------------------------===//
#include "codegen/math_emitter.h"
#include "codegen/vector_math_coefficients.h"

using llvm::Value;

namespace nnc {

// The bits of a positive float are an increasing function of it, so the
// distance to the bits of sqrt(1/2) has the exponent in its upper part.
Decomposed decompose(const MathEmitter &e, Value *x) {
  bool isDouble = e.isDouble();
  unsigned shift = isDouble ? 54 : 25;
  Value *isDenormal = e.less(x, e.constant(isDouble ? 0x1p-1022 : 0x1p-126));
  Value *scaled = e.mul(x, e.constant(isDouble ? 0x1p54 : 0x1p25));
  Value *bits = e.bits(e.select(isDenormal, scaled, x));
  Value *root = e.integer(isDouble ? 0x3fe6a09e667f3bcdull : 0x3f3504f3u);
  Value *exponent = e.builder.CreateAShr(e.builder.CreateSub(bits, root),
                                         e.integer(e.mantissaBits()));
  Value *mantissa = e.fromBits(e.builder.CreateSub(
      bits, e.builder.CreateShl(exponent, e.integer(e.mantissaBits()))));
  Value *number = e.sub(e.toNumber(exponent),
                        e.select(isDenormal, e.constant(shift), e.constant(0)));
  return {number, mantissa};
}

// x = 2^n (1 + f), log(x) = n ln2 + log(1 + f), ln2 in two parts.
// float: log(1 + f) = f - f^2/2 + f^3 P(f).
// double: with s = f / (2 + f), log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)),
// from log(1 + f) = 2 atanh(s) = 2s + s R and f - s f = 2s.
Value *emitLog(const MathEmitter &e, Value *x) {
  auto [n, mantissa] = decompose(e, x);
  Value *f = e.sub(mantissa, e.constant(1));
  Value *halfSquare = e.mul(e.mul(f, e.constant(0.5)), f);
  Value *result;
  if (e.isDouble()) {
    Value *s = e.div(f, e.add(f, e.constant(2)));
    Value *z = e.mul(s, s);
    Value *r = e.mul(z, e.polynomial(coefficients::logF64, z));
    Value *rest = e.mul(s, e.add(halfSquare, r));
    rest = e.mulAdd(n, e.constant(0x1.a39ef35793c76p-33), rest);
    result = e.sub(e.sub(halfSquare, rest), f);
    result = e.mulAdd(n, e.constant(0x1.62e42feep-1), e.negate(result));
  } else {
    Value *p = e.polynomial(coefficients::logF32, f);
    Value *rest = e.mul(e.mul(e.mul(f, f), f), p);
    rest = e.mulAdd(n, e.constant(0x1.7f7d1cp-20), rest);
    result = e.add(f, e.sub(rest, halfSquare));
    result = e.mulAdd(n, e.constant(0x1.62e4p-1), result);
  }
  result = e.select(e.less(x, e.infinity()), result, x);
  result = e.select(e.equal(x, e.constant(0)), e.negate(e.infinity()), result);
  return e.select(e.less(x, e.constant(0)), e.nan(), result);
}

} // namespace nnc
