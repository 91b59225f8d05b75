//===- codegen/optimize.h - The list of LLVM passes -----------------------===//
#ifndef NNC_CODEGEN_OPTIMIZE_H
#define NNC_CODEGEN_OPTIMIZE_H

#include "codegen/optimization_level.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace nnc {

/// Verifies the module (a bad one is a fault of nnc, exit 70) and inlines what
/// always is.
void inlineFunctions(llvm::Module &module, llvm::TargetMachine &machine);

/// Runs the passes of the level on each function, in place.
void optimizeFunctions(llvm::Module &module, llvm::TargetMachine &machine,
                       OptimizationLevel level);

/// Both.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    OptimizationLevel level);

/// The strength reduction of loops, which createTargetMachine takes out of the
/// back ends: not at -O0, and not in a module whose loops are to be left.
void reduceLoops(llvm::Module &module, llvm::TargetMachine &machine);
void leaveLoops(llvm::Module &module);

/// Verifies the module alone.
void checkModule(const llvm::Module &module);

} // namespace nnc

#endif // NNC_CODEGEN_OPTIMIZE_H
