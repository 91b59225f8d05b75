//===- test/codegen/checks.h - The back end's parts, one by one -----------===//
#ifndef NNC_TEST_CODEGEN_CHECKS_H
#define NNC_TEST_CODEGEN_CHECKS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace nnc {

using Arguments = llvm::ArrayRef<llvm::StringRef>;

/// FUNCTION f32|f64 TARGET LANES STEP: the largest error, in ULP. f32: over
/// every STEP-th bit pattern, against the f64 version on the host; f64: over
/// STEP random bit patterns, against libm in long double.
int checkMath(Arguments arguments);

/// TARGET: every function, both types: no call, and a sample of the errors.
int checkAllMath(Arguments arguments);

/// FUNCTION f32|f64 TARGET LANES: the assembly.
int printMath(Arguments arguments);

/// TARGET: compiles every tile of the target with every form of strides; no
/// stack access in the inner loop, no call, and right results.
int checkMicroKernels(Arguments arguments);

/// TARGET f32|f64 ROWS PANELS LANES FORM: the inner loop's instructions.
int printMicroKernel(Arguments arguments);

/// The same arguments: its speed.
int timeMicroKernel(Arguments arguments);

/// OUTPUT [dynamic|static [INPUT]]: links a program that prints `linked`, or
/// another object.
int checkLink(Arguments arguments);

/// COUNT: divides a module, prints its parts, and runs them together.
int checkDivision(Arguments arguments);

/// Compiles in memory a function that calls back, and runs it.
int checkJit(Arguments arguments);

} // namespace nnc

#endif // NNC_TEST_CODEGEN_CHECKS_H
