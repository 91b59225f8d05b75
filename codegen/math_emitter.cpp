//===- codegen/math_emitter.cpp - Arithmetic on scalars or vectors --------===//
#include "codegen/math_emitter.h"

#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/IntrinsicsX86.h"

using llvm::Value;

namespace nnc {

MathEmitter::MathEmitter(llvm::IRBuilderBase &builder, const Target &target,
                         llvm::Type *type)
    : builder(builder), target(target), type(type) {
  intType = builder.getIntNTy(type->getScalarSizeInBits());
  if (auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(type))
    intType = llvm::FixedVectorType::get(intType, vector->getNumElements());
}

MathEmitter MathEmitter::widened() const {
  llvm::Type *wide = builder.getDoubleTy();
  if (auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(type))
    wide = llvm::FixedVectorType::get(wide, vector->getNumElements());
  return MathEmitter(builder, target, wide);
}

Value *MathEmitter::constant(double value) const {
  return llvm::ConstantFP::get(type, value);
}

Value *MathEmitter::integer(uint64_t value) const {
  return llvm::ConstantInt::get(intType, value);
}

Value *MathEmitter::infinity() const {
  return llvm::ConstantFP::getInfinity(type);
}

Value *MathEmitter::nan() const { return llvm::ConstantFP::getNaN(type); }

Value *MathEmitter::mulAdd(Value *a, Value *b, Value *c) const {
  if (target.hasFma)
    return builder.CreateIntrinsic(llvm::Intrinsic::fma, {type}, {a, b, c});
  return add(mul(a, b), c);
}

Value *MathEmitter::mulSub(Value *a, Value *b, Value *c) const {
  if (target.hasFma)
    return mulAdd(negate(a), b, c);
  return sub(c, mul(a, b));
}

Value *MathEmitter::absolute(Value *a) const {
  return builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, a);
}

Value *MathEmitter::copySign(Value *magnitude, Value *sign) const {
  return builder.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, magnitude,
                                       sign);
}

Value *MathEmitter::clamp(Value *x, double low, double high) const {
  x = select(less(x, constant(low)), constant(low), x);
  return select(less(constant(high), x), constant(high), x);
}

MathEmitter::Rounded MathEmitter::nearest(Value *x) const {
  Value *magic = constant(1.5 * static_cast<double>(1ull << mantissaBits()));
  Value *shifted = add(x, magic);
  return {sub(shifted, magic), builder.CreateSub(bits(shifted), bits(magic))};
}

Value *MathEmitter::toNumber(Value *integer) const {
  Value *magic = constant(1.5 * static_cast<double>(1ull << mantissaBits()));
  return sub(fromBits(builder.CreateAdd(integer, bits(magic))), magic);
}

Value *MathEmitter::powerOfTwo(Value *n) const {
  return fromBits(builder.CreateShl(builder.CreateAdd(n, integer(bias())),
                                    integer(mantissaBits())));
}

Value *MathEmitter::scale(Value *x, const Rounded &n) const {
  if (isAvx512()) {
    constexpr int everyLane = -1, asTheModeSays = 4;
    return builder.CreateIntrinsic(
        llvm::Intrinsic::x86_avx512_mask_scalef_ps_512, {},
        {x, n.number, x, builder.getInt16(everyLane),
         builder.getInt32(asTheModeSays)});
  }
  // In two steps, so that a subnormal result is rounded once and 2^128 is not
  // an infinity too early.
  Value *half = nearest(mul(n.number, constant(0.5))).integer;
  Value *otherHalf = builder.CreateSub(n.integer, half);
  return mul(mul(x, powerOfTwo(half)), powerOfTwo(otherHalf));
}

Value *MathEmitter::roundEven(Value *x) const {
  if (target.hasRounding)
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::roundeven, x);
  // Adding 2^mantissaBits leaves no place for a fraction; above it, and for
  // NaN, x is its own result.
  Value *size = absolute(x);
  Value *limit = constant(static_cast<double>(1ull << mantissaBits()));
  Value *rounded = sub(add(size, limit), limit);
  return select(less(size, limit), copySign(rounded, x), x);
}

Value *MathEmitter::floor(Value *x) const {
  if (target.hasRounding)
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::floor, x);
  Value *rounded = roundEven(x);
  return select(less(x, rounded), sub(rounded, constant(1)), rounded);
}

Value *MathEmitter::polynomial(llvm::ArrayRef<double> coefficients,
                               Value *x) const {
  Value *result = constant(coefficients.back());
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    result = mulAdd(result, x, constant(coefficient));
  return result;
}

bool MathEmitter::isAvx512() const {
  auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return target.hasScaling && !isDouble() && vector &&
         vector->getNumElements() == 16;
}

Value *MathEmitter::lookUp(llvm::ArrayRef<double> table, Value *index) const {
  auto half = [&](size_t from) {
    llvm::SmallVector<float, 16> elements;
    for (double each : table.slice(from, 16))
      elements.push_back(static_cast<float>(each));
    return llvm::ConstantDataVector::get(builder.getContext(), elements);
  };
  return builder.CreateIntrinsic(llvm::Intrinsic::x86_avx512_vpermi2var_ps_512,
                                 {}, {half(0), index, half(16)});
}

MathEmitter::Pair MathEmitter::quickTwoSum(Value *a, Value *b) const {
  Value *sum = add(a, b);
  return {sum, sub(b, sub(sum, a))};
}

MathEmitter::Pair MathEmitter::twoSum(Value *a, Value *b) const {
  Value *sum = add(a, b);
  Value *bPart = sub(sum, a);
  Value *aPart = sub(sum, bPart);
  return {sum, add(sub(a, aPart), sub(b, bPart))};
}

MathEmitter::Pair MathEmitter::twoProduct(Value *a, Value *b) const {
  Value *product = mul(a, b);
  if (target.hasFma)
    return {product, mulAdd(a, b, negate(product))};
  auto split = [&](Value *x) -> Pair {
    Value *scaled = mul(x, constant(static_cast<double>(
                               isDouble() ? (1 << 27) + 1 : (1 << 12) + 1)));
    Value *high = sub(scaled, sub(scaled, x));
    return {high, sub(x, high)};
  };
  Pair as = split(a), bs = split(b);
  Value *error = sub(mul(as.high, bs.high), product);
  error = add(error, mul(as.high, bs.low));
  error = add(error, mul(as.low, bs.high));
  return {product, add(error, mul(as.low, bs.low))};
}

MathEmitter::Pair MathEmitter::multiply(Pair a, Pair b) const {
  Pair product = twoProduct(a.high, b.high);
  Value *cross = mulAdd(a.high, b.low, mul(a.low, b.high));
  return quickTwoSum(product.high, add(product.low, cross));
}

} // namespace nnc
