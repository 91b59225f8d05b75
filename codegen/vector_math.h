//===- codegen/vector_math.h - Elementary functions in LLVM IR ------------===//
//
// Every function is emitted in place for a scalar or a fixed vector of float
// or double, and leaves no call to libm behind. The error is at most 2 ULP, on
// every instruction set, with or without fma. Results are the same whatever
// the vector width; they differ in the last bits between targets with and
// without fma.
//
// Special values follow C's Annex F: exp(-inf) = 0, log(0) = -inf, log of a
// negative number is NaN, sin(inf) is NaN, pow(x, 0) = pow(1, y) = 1, and so
// on; signs of zero are kept. Denormal arguments are taken at their value and
// denormal results are produced (correct to 1 ULP), if the processor's
// flush-to-zero modes are off.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_CODEGEN_VECTOR_MATH_H
#define NNC_CODEGEN_VECTOR_MATH_H

#include "codegen/target.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace llvm {
class IRBuilderBase;
class Value;
} // namespace llvm

namespace nnc {

enum class MathFunction {
  Exp,
  Log,
  Tanh,
  Sigmoid,
  Erf,
  Sin,
  Cos,
  Pow, ///< Two operands.
  Floor,
  Round, ///< To nearest, ties to even.
  Sqrt
};

/// `exp`, `log`, ... in lower case.
llvm::StringRef mathFunctionName(MathFunction function);
std::optional<MathFunction> findMathFunction(llvm::StringRef name);

/// Emits the function at the builder's insertion point. Sin and Cos end the
/// current block (a rare branch reduces arguments of 2^20 and more); the
/// builder stands in the new block afterwards.
llvm::Value *emitMath(llvm::IRBuilderBase &builder, const Target &target,
                      MathFunction function,
                      llvm::ArrayRef<llvm::Value *> operands);

} // namespace nnc

#endif // NNC_CODEGEN_VECTOR_MATH_H
