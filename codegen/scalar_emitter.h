//===- codegen/scalar_emitter.h - Elementwise ops on registers ------------===//
#ifndef NNC_CODEGEN_SCALAR_EMITTER_H
#define NNC_CODEGEN_SCALAR_EMITTER_H

#include "codegen/dim_emitter.h"
#include "codegen/target.h"
#include "ir/op.h"

namespace nnc {

/// Emits an op that takes and gives scalars or vectors in registers. Null if
/// the op is not of that kind.
llvm::Value *emitScalarOp(llvm::IRBuilder<> &builder, DimEmitter &dims,
                          const Target &target, const Op &op,
                          llvm::ArrayRef<llvm::Value *> operands);

} // namespace nnc

#endif // NNC_CODEGEN_SCALAR_EMITTER_H
