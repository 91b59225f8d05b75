//===- codegen/math_pow.cpp - pow -----------------------------------------===//
#include "codegen/math_emitter.h"
#include "codegen/vector_math_coefficients.h"

using llvm::Value;

namespace nnc {
namespace {

using Pair = MathEmitter::Pair;

// y log(x) reaches 745, and its absolute error is the result's relative error:
// log(x) is needed to 2^-64, so it is computed as a pair.
// s = (m - 1) / (m + 1), log(m) = 2 atanh(s) = 2s (1 + z (1/3 + z q(z))),
// z = s^2.
Pair emitLogPair(const MathEmitter &e, Value *x) {
  auto [n, mantissa] = decompose(e, x);
  Value *top = e.sub(mantissa, e.constant(1));
  Pair bottom = e.quickTwoSum(mantissa, e.constant(1));
  bottom = {e.select(e.less(mantissa, e.constant(1)),
                     e.add(e.constant(1), mantissa), bottom.high),
            e.select(e.less(mantissa, e.constant(1)),
                     e.quickTwoSum(e.constant(1), mantissa).low, bottom.low)};
  Value *quotient = e.div(top, bottom.high);
  Pair back = e.twoProduct(quotient, bottom.high);
  Value *remainder = e.sub(e.sub(top, back.high), back.low);
  remainder = e.mulSub(quotient, bottom.low, remainder);
  Pair s = e.quickTwoSum(quotient, e.div(remainder, bottom.high));
  Pair z = e.multiply(s, s);
  Value *q = e.mul(z.high, e.polynomial(coefficients::powF64, z.high));
  Pair factor = e.quickTwoSum(e.constant(0x1.5555555555555p-2), q);
  factor.low = e.add(factor.low, e.constant(0x1.5555555555555p-56));
  Pair cubic = e.multiply(s, e.multiply(z, factor));
  // n times the first part of ln2 (42 bits) is exact.
  Pair sum =
      e.twoSum(e.mul(n, e.constant(0x1.62e42fefa2p-1)), e.add(s.high, s.high));
  Pair next = e.twoSum(sum.high, e.add(cubic.high, cubic.high));
  Value *low = e.add(sum.low, next.low);
  low = e.add(low, e.mul(e.constant(2), e.add(s.low, cubic.low)));
  low = e.mulAdd(n, e.constant(0x1.9ef35793c7673p-41), low);
  return e.quickTwoSum(next.high, low);
}

/// log(x) for x >= 0 or NaN, with log(0) = -inf and log(inf) = inf.
Pair emitLogMagnitude(const MathEmitter &e, Value *x, bool precise) {
  if (!precise)
    return {emitLog(e, x), e.constant(0)};
  Pair log = emitLogPair(e, x);
  Value *isZero = e.equal(x, e.constant(0));
  Value *isFinite = e.less(x, e.infinity());
  log.high =
      e.select(isZero, e.negate(e.infinity()), e.select(isFinite, log.high, x));
  return log;
}

// e^(y log|x|), and the cases of C's Annex F around it. `e` is double; float
// needs no pair, as its 24 bits leave 29 to lose.
Value *emitPowDouble(const MathEmitter &e, Value *x, Value *y, bool precise) {
  Value *one = e.constant(1);
  Value *zero = e.constant(0);
  Value *size = e.absolute(x);
  Pair log = emitLogMagnitude(e, size, precise);
  Value *exponent = e.mul(y, log.high);
  Value *tail = nullptr;
  if (precise) {
    Pair product = e.twoProduct(y, log.high);
    tail = e.mulAdd(y, log.low, product.low);
    // Beyond, the result over- or underflows whatever the tail is, which may
    // be NaN there.
    Value *isUsed = e.less(e.absolute(exponent), e.constant(800));
    tail = e.select(isUsed, tail, zero);
  }
  Value *power = emitExp(e, exponent, tail);
  power = e.select(e.equal(size, one), one, power);

  Value *isInteger = e.equal(e.roundEven(y), y);
  Value *half = e.mul(y, e.constant(0.5));
  Value *isOdd = e.builder.CreateAnd(
      isInteger, e.builder.CreateFCmpUNE(e.roundEven(half), half));
  Value *signedPower = e.copySign(power, x);
  power = e.select(isOdd, signedPower, power);
  // A negative number, but not -inf, to a power that is not an integer.
  Value *isNegative =
      e.builder.CreateAnd(e.less(x, zero), e.less(size, e.infinity()));
  power =
      e.select(e.builder.CreateAnd(isNegative, e.builder.CreateNot(isInteger)),
               e.nan(), power);
  power = e.select(e.builder.CreateFCmpUNO(x, y), e.nan(), power);
  Value *isOne = e.builder.CreateOr(e.equal(y, zero), e.equal(x, one));
  return e.select(isOne, one, power);
}

} // namespace

Value *emitPow(const MathEmitter &e, Value *x, Value *y) {
  if (e.isDouble())
    return emitPowDouble(e, x, y, /*precise=*/true);
  MathEmitter wide = e.widened();
  Value *power =
      emitPowDouble(wide, e.builder.CreateFPExt(x, wide.type),
                    e.builder.CreateFPExt(y, wide.type), /*precise=*/false);
  return e.builder.CreateFPTrunc(power, e.type);
}

} // namespace nnc
