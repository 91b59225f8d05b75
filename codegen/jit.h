//===- codegen/jit.h - Running a module in this process -------------------===//
#ifndef NNC_CODEGEN_JIT_H
#define NNC_CODEGEN_JIT_H

#include "codegen/status.h"
#include "codegen/target.h"

#include "llvm/ADT/ArrayRef.h"

#include <memory>

namespace llvm {
class LLVMContext;
class MemoryBuffer;
class Module;
namespace orc {
class LLJIT;
}
} // namespace llvm

namespace nnc {

/// A function of this process that compiled code may call.
struct RuntimeSymbol {
  const char *name;
  void *address;
};

/// Compiled code in memory. It lives as long as the Jit.
class Jit {
public:
  /// Compiled code sees the symbols given here and libm's and libc's few that
  /// LLVM itself calls (memcpy, memset, memmove); nothing else of the process.
  Jit(const Target &target, OptimizationLevel level,
      llvm::ArrayRef<RuntimeSymbol> symbols = {});
  ~Jit();

  /// Takes a module (already optimised) with the context it stands in.
  Status add(std::unique_ptr<llvm::Module> module,
             std::unique_ptr<llvm::LLVMContext> context);

  /// Takes an object file.
  Status add(std::unique_ptr<llvm::MemoryBuffer> object);

  /// The address of a function or variable, compiled now if it is not yet.
  Status lookup(llvm::StringRef name, void *&address);

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

} // namespace nnc

#endif // NNC_CODEGEN_JIT_H
