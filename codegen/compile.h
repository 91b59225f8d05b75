//===- codegen/compile.h - From a program's graph to machine code ---------===//
#ifndef NNC_CODEGEN_COMPILE_H
#define NNC_CODEGEN_COMPILE_H

#include "codegen/optimization_level.h"
#include "codegen/target.h"
#include "ir/pass.h"
#include "ir/program.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace nnc {

/// What passes know of `target`.
PassContext contextFor(const Target &target, int level);

/// Runs the pipelines "kernels" and "loops" (or only the first `stages` of
/// these) on every function of `module`.
std::optional<PassError> lowerModule(Module &module, const PassContext &context,
                                     int stages = 2,
                                     const PassObserver &observer = {});

/// A copy of the program, so that it can be lowered for several targets.
Program cloneProgram(const Program &program);

/// The LLVM module of a program whose functions stand at the loop stage,
/// optimised. With `listTargets` it also has the table of programs that
/// `main` looks for.
std::unique_ptr<llvm::Module>
compileProgram(llvm::LLVMContext &context, const Program &program,
               const Target &target, int level,
               llvm::ArrayRef<const Target *> listTargets = {});

/// Machine code of such a program: one object from each of `threads` threads,
/// which belong together.
std::vector<std::unique_ptr<llvm::MemoryBuffer>>
compileObjects(const Program &program, const Target &target, int level,
               int threads);

} // namespace nnc

#endif // NNC_CODEGEN_COMPILE_H
