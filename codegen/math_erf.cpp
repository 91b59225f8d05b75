//===- codegen/math_erf.cpp - erf -----------------------------------------===//
#include "codegen/math_emitter.h"
#include "codegen/vector_math_coefficients.h"

using llvm::Value;

namespace nnc {

// |x| (c + r P(r)), c and P for erf(x)/x on each eighth up to 4. Only c and the
// sum are rounded to a part of the result's last place. Above 4, c is as at the
// end, and 1 bounds the product.
static Value *emitPiecewise(const MathEmitter &e, Value *x) {
  constexpr double end = 3.999;
  Value *size = e.absolute(x), *limit = e.constant(end);
  Value *bounded = e.select(e.less(limit, size), limit, size);
  Value *place = e.mulAdd(bounded, e.constant(8), e.constant(-0.5));
  MathEmitter::Rounded piece = e.nearest(place);
  Value *r = e.sub(place, piece.number);
  Value *p = e.piecewise(coefficients::erfPieces, piece.integer, r);
  Value *result =
      e.mulAdd(size, e.lookUp(coefficients::erfCenters, piece.integer),
               e.mul(bounded, e.mul(p, r)));
  Value *one = e.constant(1);
  return e.copySign(e.select(e.less(one, result), one, result), x);
}

// |x| < 1: x + x P(x^2). Above: 1 - e^Q(|x|), Q a polynomial for
// log(erfc), which is smooth; in double two of them, chosen lane by lane. They
// are taken about 3/2 or 4, as the subtraction is exact there; and near 1,
// where erfc is largest, what is added up is small. From 4 (float) and 6
// (double) on the result is 1.
Value *emitErf(const MathEmitter &e, Value *x) {
  if (e.isAvx512())
    return emitPiecewise(e, x);
  if (!x->getType()->isVectorTy()) {
    // A number alone gives the bits that it would in a vector.
    MathEmitter lanes(e.builder, e.target,
                      llvm::FixedVectorType::get(e.type, 16));
    if (lanes.isAvx512())
      return e.builder.CreateExtractElement(
          emitPiecewise(lanes, e.builder.CreateVectorSplat(16, x)),
          uint64_t(0));
  }
  Value *size = e.absolute(x);
  Value *square = e.mul(x, x);
  Value *p = e.isDouble() ? e.polynomial(coefficients::erfF64, square)
                          : e.polynomial(coefficients::erfF32, square);
  Value *small = e.mulAdd(size, p, size);
  Value *logErfc;
  if (e.isDouble()) {
    Value *bounded = e.clamp(size, 0, 6);
    Value *isNear = e.less(bounded, e.constant(2));
    Value *t = e.sub(bounded, e.select(isNear, e.constant(1.5), e.constant(4)));
    static_assert(std::size(coefficients::erfcNearF64) ==
                  std::size(coefficients::erfcFarF64));
    logErfc = nullptr;
    for (size_t i = std::size(coefficients::erfcNearF64); i-- > 0;) {
      Value *coefficient =
          e.select(isNear, e.constant(coefficients::erfcNearF64[i]),
                   e.constant(coefficients::erfcFarF64[i]));
      logErfc = logErfc ? e.mulAdd(logErfc, t, coefficient) : coefficient;
    }
  } else {
    Value *t = e.sub(e.clamp(size, 0, 4), e.constant(1.5));
    logErfc = e.polynomial(coefficients::erfcF32, t);
  }
  Value *large = e.sub(e.constant(1), emitExp(e, logErfc));
  Value *result = e.select(e.less(size, e.constant(1)), small, large);
  return e.copySign(result, x);
}

} // namespace nnc
