//===- codegen/emit_function.h - Loop IR to LLVM IR -----------------------===//
#ifndef NNC_CODEGEN_EMIT_FUNCTION_H
#define NNC_CODEGEN_EMIT_FUNCTION_H

#include "codegen/target.h"
#include "ir/op.h"

#include "llvm/IR/Module.h"

#include <string>
#include <unordered_map>

namespace nnc {

/// The two functions that stand for a function of the loop IR in a program's
/// tables; runtime/program.h says what they take.
struct EmittedFunction {
  llvm::Function *run;
  llvm::Function *shapes;
};

/// The name of `EmittedFunction::run`.
std::string runSymbol(const std::string &function);

/// The kernels of a module by what they do: Captures::form.
using KernelFunctions = std::unordered_map<std::string, llvm::Function *>;

/// The sizes in the order in which the runtime passes them: those of the
/// program, and behind them `runsSymbol` if the function keeps anything.
std::vector<std::string> boundDims(const Function &function);

/// A kernel that `kernels` has is called, the others are added.
EmittedFunction emitFunction(llvm::Module &module, const Target &target,
                             const Function &function,
                             KernelFunctions &kernels);

} // namespace nnc

#endif // NNC_CODEGEN_EMIT_FUNCTION_H
