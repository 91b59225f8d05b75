//===- codegen/target.h - The instruction sets nnc compiles for -----------===//
#ifndef NNC_CODEGEN_TARGET_H
#define NNC_CODEGEN_TARGET_H

#include "codegen/optimization_level.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <memory>
#include <optional>
#include <vector>

namespace llvm {
class TargetMachine;
}

namespace nnc {

/// One register tile of the micro-kernel: `rows` x `panels` blocks of `lanes`
/// elements.
struct TileShape {
  unsigned rows;
  unsigned panels;
  unsigned lanes;
};

/// An instruction set. There is one record for each, in order of width, so a
/// Target is passed by reference and compared by address.
struct Target {
  const char *name;     ///< As `--march` takes it: "x86-64-v3".
  const char *triple;   ///< LLVM's name for the machine and its system.
  const char *cpu;      ///< LLVM's name for it.
  const char *features; ///< LLVM's attributes, beyond those of the cpu.
  bool hasFma;
  bool hasMasks;    ///< Masked loads and stores are instructions.
  bool hasRounding; ///< So are floor and round (SSE4.1).
  bool hasScaling;  ///< So is a product with a power of two (AVX-512).
  unsigned vectorBytes;
  unsigned registers; ///< Vector registers.
  /// Tiles for f32, the best one first, then lower ones for the remainders;
  /// heights fall down to 1. See micro_kernel.h on how they were chosen.
  llvm::ArrayRef<TileShape> f32Tiles;
  llvm::ArrayRef<TileShape> f64Tiles;

  unsigned lanes(unsigned elementBytes) const {
    return vectorBytes / elementBytes;
  }
};

/// Every instruction set, those of one family together, the narrowest first.
llvm::ArrayRef<const Target *> allTargets();

/// "x86_64", "aarch64" or "wasm32": what a program must be linked for.
llvm::StringRef familyOf(const Target &target);

/// The instruction sets of this machine's family: what a program is compiled
/// for if nothing is said.
std::vector<const Target *> hostTargets();

/// The widest instruction set that this machine has.
const Target &bestHostTarget();

/// Whether this machine can run code for `target`.
bool hostSupports(const Target &target);

/// Reads the value of `--march`: a name above, or `native`. Nothing if there
/// is no such instruction set.
const Target *findTarget(llvm::StringRef march);

/// LLVM's code generator for `target`: position independent where addresses are
/// not known, no fast-math.
std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const Target &target,
                    OptimizationLevel level = OptimizationLevel::O2);

} // namespace nnc

#endif // NNC_CODEGEN_TARGET_H
