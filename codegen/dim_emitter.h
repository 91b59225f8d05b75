//===- codegen/dim_emitter.h - Sizes and subscripts in LLVM IR ------------===//
#ifndef NNC_CODEGEN_DIM_EMITTER_H
#define NNC_CODEGEN_DIM_EMITTER_H

#include "ir/dim.h"

#include "llvm/IR/IRBuilder.h"

#include <map>
#include <string>

namespace nnc {

/// Emits Dims as i64 arithmetic over the symbols it knows.
class DimEmitter {
public:
  explicit DimEmitter(llvm::IRBuilder<> &builder) : builder(builder) {}

  void bind(const std::string &symbol, llvm::Value *value) {
    symbols[symbol] = value;
  }
  llvm::Value *emit(const Dim &dim);
  llvm::Value *constant(int64_t value) { return builder.getInt64(value); }

private:
  llvm::Value *emitAtom(const Dim::Atom &atom);
  llvm::IRBuilder<> &builder;
  std::map<std::string, llvm::Value *> symbols;
};

} // namespace nnc

#endif // NNC_CODEGEN_DIM_EMITTER_H
