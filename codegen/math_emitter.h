//===- codegen/math_emitter.h - Arithmetic on scalars or vectors ----------===//
//
// What the functions of vector_math.h are written in. One object stands for
// one element type and shape; the values given to it have that type.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_CODEGEN_MATH_EMITTER_H
#define NNC_CODEGEN_MATH_EMITTER_H

#include "codegen/target.h"

#include "llvm/IR/IRBuilder.h"

namespace nnc {

class MathEmitter {
public:
  using Value = llvm::Value;

  MathEmitter(llvm::IRBuilderBase &builder, const Target &target,
              llvm::Type *type);

  /// The emitter for double, with as many lanes.
  MathEmitter widened() const;

  bool isDouble() const { return type->getScalarType()->isDoubleTy(); }
  unsigned mantissaBits() const { return isDouble() ? 52 : 23; }
  unsigned bias() const { return isDouble() ? 1023 : 127; }

  Value *constant(double value) const;
  Value *integer(uint64_t value) const;
  Value *infinity() const;
  Value *nan() const;

  Value *add(Value *a, Value *b) const { return builder.CreateFAdd(a, b); }
  Value *sub(Value *a, Value *b) const { return builder.CreateFSub(a, b); }
  Value *mul(Value *a, Value *b) const { return builder.CreateFMul(a, b); }
  Value *div(Value *a, Value *b) const { return builder.CreateFDiv(a, b); }
  /// a * b + c: one rounding if the target has fma, two if not.
  Value *mulAdd(Value *a, Value *b, Value *c) const;
  /// c - a * b, likewise.
  Value *mulSub(Value *a, Value *b, Value *c) const;
  Value *negate(Value *a) const { return builder.CreateFNeg(a); }
  Value *absolute(Value *a) const;
  Value *copySign(Value *magnitude, Value *sign) const;

  Value *less(Value *a, Value *b) const { return builder.CreateFCmpOLT(a, b); }
  Value *equal(Value *a, Value *b) const { return builder.CreateFCmpOEQ(a, b); }
  Value *isNan(Value *a) const { return builder.CreateFCmpUNO(a, a); }
  Value *select(Value *condition, Value *a, Value *b) const {
    return builder.CreateSelect(condition, a, b);
  }
  /// Within [low, high]; NaN stays NaN.
  Value *clamp(Value *x, double low, double high) const;

  Value *bits(Value *x) const { return builder.CreateBitCast(x, intType); }
  Value *fromBits(Value *x) const { return builder.CreateBitCast(x, type); }

  /// x rounded to the nearest integer, as a number and, in the low bits, as a
  /// two's complement integer. |x| < 2^(mantissaBits - 2). Adds and subtracts
  /// 1.5 * 2^mantissaBits, so that NaN gives NaN and some integer; a
  /// conversion would be undefined.
  struct Rounded {
    Value *number;
    Value *integer;
  };
  Rounded nearest(Value *x) const;
  /// x * 2^n, rounded once, where n is of `nearest` and at most about twice
  /// what a power may be.
  Value *scale(Value *x, const Rounded &n) const;
  /// A small integer as a number.
  Value *toNumber(Value *integer) const;
  /// 2^n, for n from 1 - bias to bias.
  Value *powerOfTwo(Value *n) const;

  Value *roundEven(Value *x) const;
  Value *floor(Value *x) const;

  /// coefficients[0] + coefficients[1] x + ..., by Horner's rule.
  Value *polynomial(llvm::ArrayRef<double> coefficients, Value *x) const;

  /// 16 floats, for which AVX-512 has instructions of its own.
  bool isAvx512() const;
  /// Elements of a table of 32, as the low bits of `index` say, where isAvx512.
  Value *lookUp(llvm::ArrayRef<double> table, Value *index) const;
  /// A polynomial in r whose coefficients are such elements.
  template <size_t count>
  Value *piecewise(const double (&coefficients)[count][32], Value *index,
                   Value *r) const {
    Value *result = lookUp(coefficients[count - 1], index);
    for (size_t i = count - 1; i-- > 0;)
      result = mulAdd(result, r, lookUp(coefficients[i], index));
    return result;
  }

  /// The pair that stands for the unrounded sum high + low.
  struct Pair {
    Value *high;
    Value *low;
  };
  /// a + b exactly, |a| >= |b| (Dekker 1971).
  Pair quickTwoSum(Value *a, Value *b) const;
  /// a + b exactly (Knuth).
  Pair twoSum(Value *a, Value *b) const;
  /// a * b exactly: by fma, or by Veltkamp's splitting without it.
  Pair twoProduct(Value *a, Value *b) const;
  Pair multiply(Pair a, Pair b) const;

  llvm::IRBuilderBase &builder;
  const Target &target;
  llvm::Type *type;
  llvm::Type *intType;
};

/// e^(x + tail); tail is small against x or null. The argument is clamped to
/// where the result overflows or vanishes.
llvm::Value *emitExp(const MathEmitter &e, llvm::Value *x,
                     llvm::Value *tail = nullptr);
llvm::Value *emitLog(const MathEmitter &e, llvm::Value *x);
llvm::Value *emitTanh(const MathEmitter &e, llvm::Value *x);
llvm::Value *emitSigmoid(const MathEmitter &e, llvm::Value *x);
llvm::Value *emitErf(const MathEmitter &e, llvm::Value *x);
llvm::Value *emitSinCos(const MathEmitter &e, llvm::Value *x, bool cosine);
llvm::Value *emitPow(const MathEmitter &e, llvm::Value *x, llvm::Value *y);

/// x = 2^exponent * mantissa, mantissa from sqrt(1/2) to sqrt(2); x positive
/// and finite, else nothing is said of the results.
struct Decomposed {
  llvm::Value *exponent; ///< As a number.
  llvm::Value *mantissa;
};
Decomposed decompose(const MathEmitter &e, llvm::Value *x);

} // namespace nnc

#endif // NNC_CODEGEN_MATH_EMITTER_H
