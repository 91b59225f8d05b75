//===- codegen/loaded_function.h - One function as code in memory ---------===//
#ifndef NNC_CODEGEN_LOADED_FUNCTION_H
#define NNC_CODEGEN_LOADED_FUNCTION_H

#include "codegen/jit.h"
#include "codegen/target.h"
#include "ir/op.h"

#include <memory>
#include <string>
#include <vector>

namespace nnc {

/// A function in loop IR, compiled into this process.
class LoadedFunction {
public:
  /// `linked` is what the code calls of what is linked into this process.
  LoadedFunction(const Function &lowered, const Target &target, int level,
                 llvm::ArrayRef<RuntimeSymbol> linked);

  /// The sizes that `run` takes, in order (`boundDims`).
  std::vector<std::string> dims;

  /// Runs on one thread. An index out of range ends the process.
  void run(void *const *buffers, const int64_t *sizes, void *scratch) const;

private:
  std::unique_ptr<Jit> jit;
  void *code = nullptr;
};

} // namespace nnc

#endif // NNC_CODEGEN_LOADED_FUNCTION_H
