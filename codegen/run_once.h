//===- codegen/run_once.h - Code that is not worth much compiling ---------===//
#ifndef NNC_CODEGEN_RUN_ONCE_H
#define NNC_CODEGEN_RUN_ONCE_H

#include "ir/program.h"

#include "llvm/IR/Module.h"

namespace nnc {

/// Has LLVM select instructions quickly, not well, where the code runs once
/// and its work is small: tests, gradients by themselves, initialisers of small
/// variables, the computation of shapes, the list of a function's kernels. The
/// kernels of nets, training steps and metrics stay as they are. Results are
/// the same to the last bit.
void hurryWhatRunsOnce(llvm::Module &module, const Program &program);

} // namespace nnc

#endif // NNC_CODEGEN_RUN_ONCE_H
