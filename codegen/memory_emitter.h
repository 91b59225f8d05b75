//===- codegen/memory_emitter.h - Loads and stores of the loop IR ---------===//
#ifndef NNC_CODEGEN_MEMORY_EMITTER_H
#define NNC_CODEGEN_MEMORY_EMITTER_H

#include "codegen/dim_emitter.h"
#include "codegen/target.h"
#include "ir/op.h"

namespace nnc {

/// LLVM's type of an element in a register; a bool is i1 there and i8 in
/// memory.
llvm::Type *registerType(llvm::LLVMContext &context, Elem elem);
llvm::Type *memoryType(llvm::LLVMContext &context, Elem elem);
/// The type in a register of a scalar or vector.
llvm::Type *registerType(llvm::LLVMContext &context, const Type &type);

class MemoryEmitter {
public:
  MemoryEmitter(llvm::IRBuilder<> &builder, DimEmitter &dims,
                const Target &target)
      : builder(builder), dims(dims), target(target) {}

  llvm::Value *load(const Op &op, llvm::Value *buffer);
  void store(const Op &op, llvm::Value *value, llvm::Value *buffer);

private:
  llvm::Value *address(llvm::Value *buffer, const Type &type,
                       const Shape &index);
  llvm::Value *loadAt(llvm::Value *from, Elem elem, int64_t lanes,
                      llvm::Value *count);
  llvm::Value *loadFilled(const Op &op, llvm::Value *buffer);
  llvm::Value *loadLaneByLane(const Op &op, llvm::Value *buffer,
                              llvm::Value *count);
  llvm::Value *isInside(const Shape &index, const Type &buffer, int64_t axes);
  llvm::Value *insideMask(const Shape &index, const Type &buffer, int64_t lanes,
                          llvm::Value *count);
  bool hasMasks(Elem elem) const;
  llvm::Constant *laneNumbers(int64_t lanes);
  llvm::Value *laneMask(int64_t lanes, llvm::Value *count);
  llvm::Value *withLanes(llvm::Value *value, int64_t lanes);
  llvm::Value *fromMemory(llvm::Value *value, Elem elem);
  /// Calls `body` with the lane, from 0 to `count`.
  void forLanes(llvm::Value *count,
                llvm::function_ref<void(llvm::Value *lane)> body);
  llvm::Value *stackVector(llvm::Type *element, int64_t lanes);

  llvm::IRBuilder<> &builder;
  DimEmitter &dims;
  const Target &target;
};

} // namespace nnc

#endif // NNC_CODEGEN_MEMORY_EMITTER_H
