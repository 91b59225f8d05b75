//===- codegen/vector_math.cpp - Elementary functions in LLVM IR ----------===//
#include "codegen/vector_math.h"

#include "codegen/math_emitter.h"
#include "ir/check.h"

namespace nnc {
namespace {

constexpr llvm::StringLiteral names[] = {"exp",   "log",   "tanh", "sigmoid",
                                         "erf",   "sin",   "cos",  "pow",
                                         "floor", "round", "sqrt"};

} // namespace

llvm::StringRef mathFunctionName(MathFunction function) {
  return names[static_cast<int>(function)];
}

std::optional<MathFunction> findMathFunction(llvm::StringRef name) {
  for (size_t i = 0; i < std::size(names); ++i)
    if (names[i] == name)
      return static_cast<MathFunction>(i);
  return std::nullopt;
}

llvm::Value *emitMath(llvm::IRBuilderBase &builder, const Target &target,
                      MathFunction function,
                      llvm::ArrayRef<llvm::Value *> operands) {
  check(operands.size() == (function == MathFunction::Pow ? 2 : 1),
        "number of operands of a math function");
  llvm::Value *x = operands[0];
  llvm::Type *scalar = x->getType()->getScalarType();
  check(scalar->isFloatTy() || scalar->isDoubleTy(),
        "a math function takes float or double");
  MathEmitter e(builder, target, x->getType());
  switch (function) {
  case MathFunction::Exp:
    return emitExp(e, x);
  case MathFunction::Log:
    return emitLog(e, x);
  case MathFunction::Tanh:
    return emitTanh(e, x);
  case MathFunction::Sigmoid:
    return emitSigmoid(e, x);
  case MathFunction::Erf:
    return emitErf(e, x);
  case MathFunction::Sin:
  case MathFunction::Cos:
    return emitSinCos(e, x, function == MathFunction::Cos);
  case MathFunction::Pow:
    return emitPow(e, x, operands[1]);
  case MathFunction::Floor:
    return e.floor(x);
  case MathFunction::Round:
    return e.roundEven(x);
  case MathFunction::Sqrt:
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, x);
  }
  internalError("unknown math function");
}

} // namespace nnc
