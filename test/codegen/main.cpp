//===- test/codegen/main.cpp - The back end's parts, one by one -----------===//
#include "test/codegen/checks.h"

#include "llvm/Support/raw_ostream.h"

using namespace nnc;

int main(int argc, char **argv) {
  llvm::StringRef command = argc > 1 ? argv[1] : "";
  llvm::SmallVector<llvm::StringRef> arguments(argv + std::min(argc, 2),
                                               argv + argc);
  if (command == "math")
    return checkMath(arguments);
  if (command == "math-all")
    return checkAllMath(arguments);
  if (command == "math-asm")
    return printMath(arguments);
  if (command == "kernels")
    return checkMicroKernels(arguments);
  if (command == "kernel-asm")
    return printMicroKernel(arguments);
  if (command == "kernel-time")
    return timeMicroKernel(arguments);
  if (command == "link")
    return checkLink(arguments);
  if (command == "divide")
    return checkDivision(arguments);
  if (command == "jit")
    return checkJit(arguments);
  llvm::errs() << "codegen-check: unknown command '" << command << "'\n";
  return 1;
}
