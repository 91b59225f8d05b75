//===- codegen/philox.h - Random bits in LLVM IR --------------------------===//
#ifndef NNC_CODEGEN_PHILOX_H
#define NNC_CODEGEN_PHILOX_H

#include "llvm/IR/Module.h"

namespace nnc {

/// The function of `module` that computes the loop IR's `random_bits` for
/// indices of type `wide` (i64 or a vector of these): Philox4x32-10, as
/// ir/philox.h states it. It is made at first use, and shared, since ten rounds
/// in place would dominate the time to compile an initialiser.
///   narrow f(wide index, wide seed, narrow step, i64 place, i32 word)
llvm::Function *philoxFunction(llvm::Module &module, llvm::Type *wide,
                               llvm::Type *narrow);

} // namespace nnc

#endif // NNC_CODEGEN_PHILOX_H
