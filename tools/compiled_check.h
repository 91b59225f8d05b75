//===- tools/compiled_check.h - Compiled code against the reference -------===//
#ifndef NNC_TOOLS_COMPILED_CHECK_H
#define NNC_TOOLS_COMPILED_CHECK_H

#include "ir/op.h"
#include "tools/reference_run.h"

#include <string>
#include <vector>

namespace nnc {

struct CompiledChecks {
  std::vector<std::string> failures; ///< Each names function and target.
  int comparisons = 0;
  int64_t unbounded = 0; ///< Elements that could not be compared.
};

/// The same module with every f32 an f64.
std::unique_ptr<Module> inF64(const Module &module);

/// Compiles every function of `module`, in f32 and in f64, for every
/// instruction set that this machine has, with -O0 and -O2, and compares its
/// results on made-up inputs with the interpreter's. Derivatives in `module`
/// are expanded. `chosen` are sizes for dimensions.
void checkCompiled(Module &module, const DimChoices &chosen,
                   CompiledChecks &checks);

} // namespace nnc

#endif // NNC_TOOLS_COMPILED_CHECK_H
