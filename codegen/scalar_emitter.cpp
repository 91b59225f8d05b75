#include "codegen/scalar_emitter.h"

#include "codegen/memory_emitter.h"
#include "codegen/vector_math.h"
#include "ir/check.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/PatternMatch.h"

namespace nnc {

namespace {

class ScalarEmitter {
public:
  ScalarEmitter(llvm::IRBuilder<> &b, DimEmitter &dims, const Target &target,
                const Op &op, llvm::ArrayRef<llvm::Value *> operands)
      : b(b), dims(dims), target(target), op(op), operands(operands),
        type(registerType(b.getContext(), op.result()->type())),
        elem(operands.empty() ? op.result()->type().elem()
                              : op.operand(0)->type().elem()) {}

  llvm::Value *emit() {
    static const llvm::StringMap<llvm::Value *(ScalarEmitter::*)()> emitters = {
        {"add", &ScalarEmitter::add},
        {"sub", &ScalarEmitter::sub},
        {"mul", &ScalarEmitter::mul},
        {"div", &ScalarEmitter::div},
        {"max", &ScalarEmitter::max},
        {"min", &ScalarEmitter::min},
        {"neg", &ScalarEmitter::neg},
        {"abs", &ScalarEmitter::abs},
        {"sign", &ScalarEmitter::sign},
        {"int_div", &ScalarEmitter::intDiv},
        {"mod", &ScalarEmitter::mod},
        {"compare", &ScalarEmitter::compare},
        {"and", &ScalarEmitter::logicalAnd},
        {"or", &ScalarEmitter::logicalOr},
        {"not", &ScalarEmitter::logicalNot},
        {"select", &ScalarEmitter::select},
        {"cast", &ScalarEmitter::cast},
        {"constant", &ScalarEmitter::constant},
        {"size", &ScalarEmitter::size},
        {"axis", &ScalarEmitter::axis},
        {"fma", &ScalarEmitter::fma},
        {"splat", &ScalarEmitter::splat},
        {"vreduce", &ScalarEmitter::vreduce},
        {"vshuffle", &ScalarEmitter::vshuffle},
        {"stop_gradient", &ScalarEmitter::same},
    };
    auto found = emitters.find(op.name());
    if (found != emitters.end())
      return (this->*found->second)();
    if (auto function = findMathFunction(op.name()))
      return emitMath(b, target, *function, operands);
    return nullptr;
  }

private:
  bool floats() const { return isFloat(elem); }

  llvm::Value *add() {
    return floats() ? b.CreateFAdd(operands[0], operands[1])
                    : b.CreateAdd(operands[0], operands[1]);
  }
  llvm::Value *sub() {
    return floats() ? b.CreateFSub(operands[0], operands[1])
                    : b.CreateSub(operands[0], operands[1]);
  }
  llvm::Value *mul() {
    return floats() ? b.CreateFMul(operands[0], operands[1])
                    : b.CreateMul(operands[0], operands[1]);
  }
  llvm::Value *fma() {
    if (target.hasFma)
      return b.CreateIntrinsic(llvm::Intrinsic::fma, {type}, operands);
    return b.CreateFAdd(b.CreateFMul(operands[0], operands[1]), operands[2]);
  }
  llvm::Value *div() { return b.CreateFDiv(operands[0], operands[1]); }

  /// A NaN among the operands is the result.
  llvm::Value *larger(llvm::Value *x, llvm::Value *y, bool wantsMax) {
    if (!x->getType()->isFPOrFPVectorTy())
      return b.CreateSelect(
          wantsMax ? b.CreateICmpSGT(x, y) : b.CreateICmpSLT(x, y), x, y);
    // One instruction of x86-64, which gives its second operand if one is NaN.
    if (llvm::PatternMatch::match(y, llvm::PatternMatch::m_NonNaN()))
      return b.CreateSelect(
          wantsMax ? b.CreateFCmpOGE(y, x) : b.CreateFCmpOLE(y, x), y, x);
    llvm::Value *ordered = b.CreateSelect(
        wantsMax ? b.CreateFCmpOGT(x, y) : b.CreateFCmpOLT(x, y), x, y);
    return b.CreateSelect(b.CreateFCmpUNO(x, x), x, ordered);
  }
  llvm::Value *max() { return larger(operands[0], operands[1], true); }
  llvm::Value *min() { return larger(operands[0], operands[1], false); }

  llvm::Value *neg() {
    return floats() ? b.CreateFNeg(operands[0]) : b.CreateNeg(operands[0]);
  }
  llvm::Value *abs() {
    if (floats())
      return b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, operands[0]);
    return b.CreateBinaryIntrinsic(llvm::Intrinsic::abs, operands[0],
                                   b.getFalse());
  }
  llvm::Value *sign() {
    llvm::Value *x = operands[0], *zero = llvm::Constant::getNullValue(type);
    auto number = [&](int value) -> llvm::Value * {
      return floats() ? llvm::ConstantFP::get(type, value)
                      : llvm::ConstantInt::get(type, value, true);
    };
    llvm::Value *above =
        floats() ? b.CreateFCmpOGT(x, zero) : b.CreateICmpSGT(x, zero);
    llvm::Value *below =
        floats() ? b.CreateFCmpOLT(x, zero) : b.CreateICmpSLT(x, zero);
    return b.CreateSelect(above, number(1),
                          b.CreateSelect(below, number(-1), zero));
  }

  /// Division by 0 gives 0, and INT_MIN / -1 wraps: neither may trap.
  llvm::Value *safeDivisor() {
    llvm::Value *divisor = operands[1];
    llvm::Value *one = llvm::ConstantInt::get(type, 1);
    llvm::Value *trapping = b.CreateOr(
        b.CreateIsNull(divisor),
        b.CreateICmpEQ(divisor, llvm::Constant::getAllOnesValue(type)));
    return b.CreateSelect(trapping, one, divisor);
  }
  llvm::Value *flooredQuotient() {
    llvm::Value *x = operands[0], *divisor = safeDivisor();
    llvm::Value *quotient = b.CreateSDiv(x, divisor);
    llvm::Value *rest = b.CreateSub(x, b.CreateMul(quotient, divisor));
    llvm::Value *zero = llvm::Constant::getNullValue(type);
    llvm::Value *rounds =
        b.CreateAnd(b.CreateIsNotNull(rest),
                    b.CreateICmpSLT(b.CreateXor(rest, divisor), zero));
    return b.CreateSub(quotient, b.CreateZExt(rounds, type));
  }
  llvm::Value *intDiv() {
    llvm::Value *minusOne = llvm::Constant::getAllOnesValue(type);
    llvm::Value *result =
        b.CreateSelect(b.CreateICmpEQ(operands[1], minusOne),
                       b.CreateNeg(operands[0]), flooredQuotient());
    return b.CreateSelect(b.CreateIsNull(operands[1]),
                          llvm::Constant::getNullValue(type), result);
  }
  llvm::Value *mod() {
    llvm::Value *zero = llvm::Constant::getNullValue(type);
    llvm::Value *rest =
        b.CreateSub(operands[0], b.CreateMul(flooredQuotient(), safeDivisor()));
    llvm::Value *minusOne = llvm::Constant::getAllOnesValue(type);
    rest = b.CreateSelect(b.CreateICmpEQ(operands[1], minusOne), zero, rest);
    return b.CreateSelect(b.CreateIsNull(operands[1]), operands[0], rest);
  }

  llvm::Value *compare() {
    llvm::StringRef how = op.attr("predicate").asString();
    using P = llvm::CmpInst::Predicate;
    // A comparison with NaN is false, except `ne`.
    struct Entry {
      P floating, integer;
    };
    Entry entry = llvm::StringSwitch<Entry>(how)
                      .Case("eq", {P::FCMP_OEQ, P::ICMP_EQ})
                      .Case("ne", {P::FCMP_UNE, P::ICMP_NE})
                      .Case("lt", {P::FCMP_OLT, P::ICMP_SLT})
                      .Case("le", {P::FCMP_OLE, P::ICMP_SLE})
                      .Case("gt", {P::FCMP_OGT, P::ICMP_SGT})
                      .Default({P::FCMP_OGE, P::ICMP_SGE});
    if (floats())
      return b.CreateFCmp(entry.floating, operands[0], operands[1]);
    if (elem == Elem::Bool) {
      llvm::Type *wide = type->getWithNewType(b.getInt8Ty());
      return b.CreateICmp(entry.integer, b.CreateZExt(operands[0], wide),
                          b.CreateZExt(operands[1], wide));
    }
    return b.CreateICmp(entry.integer, operands[0], operands[1]);
  }

  llvm::Value *logicalAnd() { return b.CreateAnd(operands[0], operands[1]); }
  llvm::Value *logicalOr() { return b.CreateOr(operands[0], operands[1]); }
  llvm::Value *logicalNot() { return b.CreateNot(operands[0]); }
  llvm::Value *select() {
    return b.CreateSelect(operands[0], operands[1], operands[2]);
  }
  llvm::Value *same() { return operands[0]; }

  llvm::Value *cast() {
    Elem to = op.result()->type().elem();
    llvm::Value *x = operands[0];
    if (to == Elem::Bool)
      return floats() ? b.CreateFCmpUNE(
                            x, llvm::Constant::getNullValue(x->getType()))
                      : b.CreateIsNotNull(x);
    if (elem == Elem::Bool)
      return isFloat(to) ? b.CreateUIToFP(x, type) : b.CreateZExt(x, type);
    if (floats() && isFloat(to))
      return b.CreateFPCast(x, type);
    if (floats())
      return b.CreateIntrinsic(llvm::Intrinsic::fptosi_sat,
                               {type, x->getType()}, {x});
    if (isFloat(to))
      return b.CreateSIToFP(x, type);
    return b.CreateSExtOrTrunc(x, type);
  }

  llvm::Value *constant() {
    const double *value = op.attr("value").getIf<double>();
    check(value, "a constant tensor in a register");
    if (isFloat(op.result()->type().elem()))
      return llvm::ConstantFP::get(type, *value);
    return llvm::ConstantInt::get(type, static_cast<int64_t>(*value), true);
  }

  /// An i64 as an element of this op's type.
  llvm::Value *converted(llvm::Value *integer) {
    llvm::Type *element = type->getScalarType();
    return element->isFloatingPointTy() ? b.CreateSIToFP(integer, element)
                                        : b.CreateSExtOrTrunc(integer, element);
  }
  llvm::Value *size() {
    return spread(converted(dims.emit(op.attr("value").asDim())));
  }
  llvm::Value *spread(llvm::Value *scalar) {
    if (!op.result()->type().isVector())
      return scalar;
    return b.CreateVectorSplat(op.result()->type().lanes(), scalar);
  }
  llvm::Value *axis() {
    llvm::Value *first = size();
    if (!op.result()->type().isVector())
      return first;
    const Attr *offsets = op.findAttr("offsets");
    llvm::SmallVector<llvm::Constant *> numbers;
    for (int64_t lane = 0; lane < op.result()->type().lanes(); ++lane)
      numbers.push_back(llvm::ConstantInt::get(
          type->getScalarType(), offsets ? offsets->asInts()[lane] : lane));
    if (offsets)
      return b.CreateAdd(first, llvm::ConstantVector::get(numbers));
    llvm::Value *step = spread(converted(dims.emit(op.attr("step").asDim())));
    return b.CreateAdd(first,
                       b.CreateMul(step, llvm::ConstantVector::get(numbers)));
  }
  llvm::Value *splat() { return spread(operands[0]); }

  llvm::Value *vshuffle() {
    llvm::SmallVector<int> from;
    for (int64_t lane : op.attr("from").asInts())
      from.push_back(static_cast<int>(lane));
    return b.CreateShuffleVector(operands[0], from);
  }

  llvm::Value *combined(llvm::Value *x, llvm::Value *y) {
    llvm::StringRef how = op.attr("combine").asString();
    if (how == "max" || how == "min")
      return larger(x, y, how == "max");
    if (how == "mul")
      return floats() ? b.CreateFMul(x, y) : b.CreateMul(x, y);
    return floats() ? b.CreateFAdd(x, y) : b.CreateAdd(x, y);
  }

  /// Halves the vector until one lane is left: what counts of it. It stays as
  /// long as the shortest register, since LLVM takes long for shorter ones.
  llvm::Value *vreduce() {
    llvm::Value *x = operands[0];
    const int64_t lanes = op.operand(0)->type().lanes();
    const int64_t shortest = std::min<int64_t>(lanes, 4);
    for (int64_t half = lanes / 2; half; half /= 2) {
      llvm::SmallVector<int> low, high;
      for (int64_t lane = 0; lane < half; ++lane) {
        low.push_back(static_cast<int>(lane));
        high.push_back(static_cast<int>(lane + half));
      }
      low.resize(std::max(half, shortest), llvm::PoisonMaskElem);
      high.resize(low.size(), llvm::PoisonMaskElem);
      x = combined(half < shortest ? x : b.CreateShuffleVector(x, low),
                   b.CreateShuffleVector(x, high));
    }
    return b.CreateExtractElement(x, uint64_t(0));
  }

  llvm::IRBuilder<> &b;
  DimEmitter &dims;
  const Target &target;
  const Op &op;
  llvm::ArrayRef<llvm::Value *> operands;
  llvm::Type *type;
  Elem elem;
};

} // namespace

llvm::Value *emitScalarOp(llvm::IRBuilder<> &builder, DimEmitter &dims,
                          const Target &target, const Op &op,
                          llvm::ArrayRef<llvm::Value *> operands) {
  if (op.resultCount() != 1 || op.result()->type().isBuffer())
    return nullptr;
  return ScalarEmitter(builder, dims, target, op, operands).emit();
}

} // namespace nnc
