//===- codegen/optimize.h - The list of LLVM passes -----------------------===//
#ifndef NNC_CODEGEN_OPTIMIZE_H
#define NNC_CODEGEN_OPTIMIZE_H

#include "codegen/optimization_level.h"

#include "llvm/ADT/StringRef.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace nnc {

/// The passes of a level, as `opt -passes=` takes them.
llvm::StringRef optimizationPasses(OptimizationLevel level);

/// Verifies the module (a bad one is a fault of nnc, exit 70) and runs the
/// passes of the level on it, in place.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    OptimizationLevel level);

/// Verifies the module alone.
void checkModule(const llvm::Module &module);

} // namespace nnc

#endif // NNC_CODEGEN_OPTIMIZE_H
