//===- codegen/math_exponential.cpp - exp, tanh, sigmoid ------------------===//
#include "codegen/math_emitter.h"
#include "codegen/vector_math_coefficients.h"

using llvm::Value;

namespace nnc {

// Cody and Waite, "Software Manual for the Elementary Functions" (1980):
// x = n ln2 + r with |r| <= ln2/2, ln2 in two parts so that n times the first
// is exact; e^r = 1 + (r + r^2 q(r)); then times 2^n. What r loses in rounding,
// a quarter of a unit in the last place, only counts beside a tail.
Value *emitExp(const MathEmitter &e, Value *x, Value *tail) {
  bool isDouble = e.isDouble();
  x = isDouble ? e.clamp(x, -746, 710) : e.clamp(x, -104, 89);
  MathEmitter::Rounded n =
      e.nearest(e.mul(x, e.constant(0x1.71547652b82fep+0)));
  Value *high = e.mulSub(
      n.number, e.constant(isDouble ? 0x1.62e42feep-1 : 0x1.62e4p-1), x);
  Value *lowLn2 = e.constant(isDouble ? 0x1.a39ef35793c76p-33 : 0x1.7f7d1cp-20);
  Value *r = e.mulSub(n.number, lowLn2, high);
  if (tail)
    r = e.add(r, tail);
  Value *rest = nullptr;
  if (tail)
    rest = e.add(e.mulSub(n.number, lowLn2, e.sub(high, r)), tail);
  Value *q = isDouble ? e.polynomial(coefficients::expF64, r)
                      : e.polynomial(coefficients::expF32, r);
  Value *square = e.mul(r, r);
  Value *excess =
      rest ? e.add(r, e.mulAdd(square, q, rest)) : e.mulAdd(square, q, r);
  return e.scale(e.add(e.constant(1), excess), n);
}

// |x| < 5/8: x + x^3 P(x^2). Above: 1 - 2 / (e^(2|x|) + 1), which does not
// cancel there. The sign is put back last, so that -0 stays -0.
Value *emitTanh(const MathEmitter &e, Value *x) {
  Value *size = e.absolute(x);
  Value *square = e.mul(x, x);
  Value *p = e.isDouble() ? e.polynomial(coefficients::tanhF64, square)
                          : e.polynomial(coefficients::tanhF32, square);
  Value *small = e.mulAdd(e.mul(size, square), p, size);
  Value *power = emitExp(e, e.add(size, size));
  Value *large =
      e.sub(e.constant(1), e.div(e.constant(2), e.add(power, e.constant(1))));
  Value *result = e.select(e.less(size, e.constant(0.625)), small, large);
  return e.copySign(result, x);
}

// 1 / (1 + e^-x), as e^x / (1 + e^x) for x < 0: the power never overflows, and
// small results keep all their bits. The errors of the power, the sum and the
// quotient would add up to more than 2 ULP, so the sum is a pair and the
// quotient gets one correction.
Value *emitSigmoid(const MathEmitter &e, Value *x) {
  Value *power = emitExp(e, e.negate(e.absolute(x)));
  Value *one = e.constant(1);
  MathEmitter::Pair bottom = e.quickTwoSum(one, power);
  Value *top = e.select(e.less(x, e.constant(0)), power, one);
  Value *inverse = e.div(one, bottom.high);
  Value *quotient =
      e.target.hasFma ? e.mul(top, inverse) : e.div(top, bottom.high);
  Value *residual = e.negate(e.mul(quotient, bottom.low));
  if (e.target.hasFma)
    residual =
        e.mulSub(quotient, bottom.low, e.mulSub(quotient, bottom.high, top));
  return e.mulAdd(residual, inverse, quotient);
}

} // namespace nnc
