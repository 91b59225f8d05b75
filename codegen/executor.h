//===- codegen/executor.h - Compiled functions, one at a time -------------===//
//
// Compiles a function of the graph in memory and runs it on tensors, so that
// compiled code can be compared with the interpreter. Each buffer ends at a
// protected page: writing or reading beyond it ends the process. Then it runs
// again with temporaries in one memory, and must give the same bits.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_CODEGEN_EXECUTOR_H
#define NNC_CODEGEN_EXECUTOR_H

#include "codegen/jit.h"
#include "codegen/target.h"
#include "ir/executor.h"
#include "ir/pass.h"

#include <memory>
#include <optional>

namespace nnc {

class LoadedFunction;

class CompiledFunction final : public Executor {
public:
  /// Compiles a copy of `function`, which may stand at any stage before the
  /// loops. If that fails, `error` says why.
  /// `linked` is what the code calls of what is linked into this process.
  CompiledFunction(const Function &function, const Target &target, int level,
                   llvm::ArrayRef<RuntimeSymbol> linked);
  ~CompiledFunction() override;

  std::optional<PassError> error;

  /// Runs on one thread. An index out of range ends the process.
  RunResult run(std::span<const Tensor> inputs,
                const DimBinding &dims) const override;

private:
  std::unique_ptr<Function> lowered;
  std::unique_ptr<LoadedFunction> code;
};

} // namespace nnc

#endif // NNC_CODEGEN_EXECUTOR_H
