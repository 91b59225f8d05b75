//===- codegen/math_trigonometric.cpp - sin, cos --------------------------===//
//
// x = n pi/2 + r, |r| <= pi/4, r as a pair high + low; float is computed in
// double, where one part is enough. Below 2^20 pi/2 comes in parts of 33 bits,
// whose products with n are exact (Cody and Waite 1980). Above, in a branch
// that is rarely taken, the reduction is that of Payne and Hanek, "Radian
// reduction for trigonometric functions", SIGNUM Newsletter 18 (1983).
//
//===----------------------------------------------------------------------===//
#include "codegen/math_emitter.h"
#include "codegen/vector_math_coefficients.h"

#include "llvm/IR/Module.h"

using llvm::Value;

namespace nnc {
namespace {

using Pair = MathEmitter::Pair;

struct Reduced {
  Value *high;
  Value *low;
  Value *quadrant; ///< n; the two low bits count.
};

/// For 0 <= x < 2^20.
Reduced reduceSmall(const MathEmitter &e, Value *x, bool needsLow) {
  MathEmitter::Rounded n =
      e.nearest(e.mul(x, e.constant(0x1.45f306dc9c883p-1)));
  Value *first = e.mulSub(n.number, e.constant(0x1.921fb544p+0), x);
  if (!needsLow)
    return {e.mulSub(n.number, e.constant(0x1.0b4611a626331p-34), first),
            e.constant(0), n.integer};
  Pair second =
      e.twoSum(first, e.negate(e.mul(n.number, e.constant(0x1.0b4611a6p-34))));
  Pair third = e.twoSum(second.high,
                        e.negate(e.mul(n.number, e.constant(0x1.3198a2ep-69))));
  Value *low = e.add(second.low, third.low);
  low = e.mulSub(n.number, e.constant(0x1.b839a252049c1p-104), low);
  Pair result = e.quickTwoSum(third.high, low);
  return {result.high, result.low, n.integer};
}

llvm::GlobalVariable *twoOverPi(llvm::Module &module) {
  const char *name = "nnc.two_over_pi";
  if (llvm::GlobalVariable *global = module.getNamedGlobal(name))
    return global;
  llvm::Constant *words = llvm::ConstantDataArray::get(
      module.getContext(), llvm::ArrayRef(coefficients::twoOverPi));
  return new llvm::GlobalVariable(module, words->getType(), /*isConstant=*/true,
                                  llvm::GlobalValue::InternalLinkage, words,
                                  name);
}

/// For one positive number of 2^20 and more; infinity and NaN give NaN.
///
/// x = m 2^k with a 53-bit integer m. Of the digits of 2/pi only those count
/// whose product with m 2^k is below 4, and of these the first 256: in units
/// of 2^-254, x 2/pi mod 4 = m * digits mod 2^256.
Reduced reduceLarge(const MathEmitter &e, Value *x) {
  llvm::IRBuilderBase &b = e.builder;
  llvm::Type *i64 = b.getInt64Ty(), *i256 = b.getIntNTy(256),
             *i320 = b.getIntNTy(320);
  Value *bits = e.bits(x);
  Value *field = b.CreateAnd(b.CreateLShr(bits, 52), 0x7ff);
  Value *m = b.CreateOr(b.CreateAnd(bits, 0xfffffffffffffull), 1ull << 52);
  // k = field - 1075; the first digit has weight 2^(1 - k), and the table has
  // 64 zeros before digit 1. An infinity must not read behind the table.
  Value *last = b.getInt64(2046);
  Value *bounded = b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, field, last);
  bounded =
      b.CreateBinaryIntrinsic(llvm::Intrinsic::umax, bounded, b.getInt64(1023));
  Value *offset = b.CreateSub(bounded, b.getInt64(1075 + 1 - 63));
  Value *word = b.CreateLShr(offset, 6);
  llvm::GlobalVariable *table = twoOverPi(*b.GetInsertBlock()->getModule());
  Value *digits = llvm::ConstantInt::get(i320, 0);
  for (unsigned i = 0; i < 5; ++i) {
    Value *address = b.CreateGEP(i64, table, b.CreateAdd(word, b.getInt64(i)));
    Value *part = b.CreateZExt(b.CreateLoad(i64, address), i320);
    digits = b.CreateOr(digits, b.CreateShl(part, 64 * (4 - i)));
  }
  digits = b.CreateShl(digits, b.CreateZExt(b.CreateAnd(offset, 63), i320));
  digits = b.CreateTrunc(b.CreateLShr(digits, 64), i256);
  Value *product = b.CreateMul(digits, b.CreateZExt(m, i256));
  Value *half = llvm::ConstantInt::get(i256, llvm::APInt(256, 1).shl(253));
  Value *n = b.CreateLShr(b.CreateAdd(product, half), 254);
  Value *fraction = b.CreateSub(product, b.CreateShl(n, 254));
  Value *isNegative =
      b.CreateICmpSLT(fraction, llvm::ConstantInt::get(i256, 0));
  fraction = b.CreateSelect(isNegative, b.CreateNeg(fraction), fraction);

  // The leading 53 bits, and the 75 after them.
  Value *zeros =
      b.CreateBinaryIntrinsic(llvm::Intrinsic::ctlz, fraction, b.getFalse());
  fraction = b.CreateShl(fraction, zeros);
  Value *top = b.CreateTrunc(b.CreateLShr(fraction, 192), i64);
  Value *next = b.CreateTrunc(b.CreateLShr(fraction, 128), i64);
  auto number = [&](Value *v) { return b.CreateUIToFP(v, e.type); };
  Value *high = number(b.CreateAnd(top, ~0x7ffull));
  Value *low = e.mulAdd(number(next), e.constant(0x1p-64),
                        number(b.CreateAnd(top, 0x7ff)));
  Value *scale =
      e.powerOfTwo(b.CreateSub(b.getInt64(-62), b.CreateTrunc(zeros, i64)));
  Pair result = e.multiply(
      {e.mul(high, scale), e.mul(low, scale)},
      {e.constant(0x1.921fb54442d18p+0), e.constant(0x1.1a62633145c07p-54)});
  auto finish = [&](Value *v) {
    v = e.select(isNegative, e.negate(v), v);
    return e.select(e.less(x, e.infinity()), v, e.nan());
  };
  return {finish(result.high), finish(result.low), b.CreateTrunc(n, i64)};
}

/// {high, low, quadrant} of nnc.reduce_large(double), made once a module.
llvm::Function *reduceLargeFunction(llvm::Module &module,
                                    const Target &target) {
  const char *name = "nnc.reduce_large";
  if (llvm::Function *function = module.getFunction(name))
    return function;
  llvm::IRBuilder<> builder(module.getContext());
  llvm::Type *number = builder.getDoubleTy();
  auto *type = llvm::FunctionType::get(
      llvm::StructType::get(number, number, builder.getInt64Ty()), {number},
      false);
  auto *function = llvm::Function::Create(
      type, llvm::GlobalValue::InternalLinkage, name, module);
  function->addFnAttr(llvm::Attribute::NoInline);
  function->addFnAttr(llvm::Attribute::Cold);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  builder.SetInsertPoint(
      llvm::BasicBlock::Create(module.getContext(), "", function));
  Reduced reduced =
      reduceLarge(MathEmitter(builder, target, number), function->getArg(0));
  Value *parts[] = {reduced.high, reduced.low, reduced.quadrant};
  builder.CreateAggregateRet(parts, 3);
  return function;
}

/// Replaces the lanes that are 2^20 and more, one after the other, in a block
/// that is entered only if there is one.
Reduced replaceLarge(const MathEmitter &e, Value *x, Reduced small) {
  llvm::IRBuilderBase &b = e.builder;
  Value *isLarge = b.CreateFCmpUGE(x, e.constant(0x1p20));
  auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(e.type);
  Value *any = vector ? b.CreateOrReduce(isLarge) : isLarge;
  llvm::BasicBlock *before = b.GetInsertBlock();
  llvm::Function *function = before->getParent();
  llvm::LLVMContext &context = function->getContext();
  auto *after = before->splitBasicBlock(b.GetInsertPoint(), "reduced");
  auto *rare = llvm::BasicBlock::Create(context, "reduce", function, after);
  before->getTerminator()->eraseFromParent();
  b.SetInsertPoint(before);
  b.CreateCondBr(
      any, rare, after,
      llvm::MDNode::get(context,
                        {llvm::MDString::get(context, "branch_weights"),
                         llvm::ConstantAsMetadata::get(b.getInt32(1)),
                         llvm::ConstantAsMetadata::get(b.getInt32(100000))}));
  b.SetInsertPoint(rare);
  llvm::Function *reduce =
      reduceLargeFunction(*function->getParent(), e.target);
  Reduced large = small;
  for (unsigned i = 0; i < (vector ? vector->getNumElements() : 1); ++i) {
    Value *lane = vector ? b.CreateExtractElement(x, i) : x;
    Value *parts = b.CreateCall(reduce, {lane});
    auto replace = [&](Value *&result, unsigned part) {
      Value *value = b.CreateExtractValue(parts, part);
      result = vector ? b.CreateInsertElement(result, value, i) : value;
    };
    replace(large.high, 0);
    replace(large.low, 1);
    replace(large.quadrant, 2);
  }
  auto choose = [&](Value *a, Value *c) {
    return b.CreateSelect(isLarge, a, c);
  };
  large = {choose(large.high, small.high), choose(large.low, small.low),
           choose(large.quadrant, small.quadrant)};
  b.CreateBr(after);
  b.SetInsertPoint(after, after->begin());
  auto merge = [&](Value *a, Value *c) {
    llvm::PHINode *phi = b.CreatePHI(a->getType(), 2);
    phi->addIncoming(a, before);
    phi->addIncoming(c, rare);
    return phi;
  };
  Value *high = merge(small.high, large.high);
  Value *low = merge(small.low, large.low);
  Value *quadrant = merge(small.quadrant, large.quadrant);
  return {high, low, quadrant};
}

// sin(r) = r + r^3 P(r^2), cos(r) = 1 - r^2/2 + r^4 Q(r^2); the low part enters
// by its first-order term.
Value *emitDouble(const MathEmitter &e, Value *x, bool cosine, bool isFloat) {
  Value *size = e.absolute(x);
  Reduced r = replaceLarge(e, size, reduceSmall(e, size, !isFloat));
  Value *z = e.mul(r.high, r.high);
  Value *p = isFloat ? e.polynomial(coefficients::sinF32, z)
                     : e.polynomial(coefficients::sinF64, z);
  Value *q = isFloat ? e.polynomial(coefficients::cosF32, z)
                     : e.polynomial(coefficients::cosF64, z);
  // sin(r + low) = sin(r) + low (1 - r^2/2), cos(r + low) = cos(r) - low r.
  Value *halfSquare = e.mul(e.constant(0.5), z);
  Value *lowPart = e.mulSub(halfSquare, r.low, r.low);
  Value *sine = e.add(r.high, e.mulAdd(e.mul(r.high, z), p, lowPart));
  Value *lead = e.sub(e.constant(1), halfSquare);
  Value *rest = e.sub(e.sub(e.constant(1), lead), halfSquare);
  rest = e.add(rest, e.mulSub(r.high, r.low, e.mul(e.mul(z, z), q)));
  Value *cosineValue = e.add(lead, rest);

  llvm::IRBuilderBase &b = e.builder;
  Value *quadrant = cosine ? b.CreateAdd(r.quadrant, e.integer(1)) : r.quadrant;
  Value *isOdd =
      b.CreateICmpNE(b.CreateAnd(quadrant, e.integer(1)), e.integer(0));
  Value *result = e.select(isOdd, cosineValue, sine);
  Value *sign =
      b.CreateShl(b.CreateLShr(quadrant, e.integer(1)), e.integer(63));
  if (!cosine)
    sign = b.CreateXor(sign, b.CreateAnd(e.bits(x), e.integer(1ull << 63)));
  return e.fromBits(b.CreateXor(e.bits(result), sign));
}

} // namespace

Value *emitSinCos(const MathEmitter &e, Value *x, bool cosine) {
  if (e.isDouble())
    return emitDouble(e, x, cosine, /*isFloat=*/false);
  MathEmitter wide = e.widened();
  Value *result = emitDouble(wide, e.builder.CreateFPExt(x, wide.type), cosine,
                             /*isFloat=*/true);
  return e.builder.CreateFPTrunc(result, e.type);
}

} // namespace nnc
