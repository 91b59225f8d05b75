#include "codegen/dim_emitter.h"

#include "ir/check.h"

#include "llvm/IR/Intrinsics.h"

namespace nnc {

llvm::Value *DimEmitter::emit(const Dim &dim) {
  llvm::Value *sum = nullptr;
  for (const Dim::Term &term : dim.termList()) {
    llvm::Value *product = nullptr;
    for (const Dim::AtomRef &atom : term.atoms) {
      llvm::Value *factor = emitAtom(*atom);
      product = product ? builder.CreateMul(product, factor) : factor;
    }
    if (term.coefficient != 1)
      product = builder.CreateMul(product, constant(term.coefficient));
    sum = sum ? builder.CreateAdd(sum, product) : product;
  }
  if (!sum)
    return constant(dim.constantPart());
  if (dim.constantPart() != 0)
    sum = builder.CreateAdd(sum, constant(dim.constantPart()));
  return sum;
}

llvm::Value *DimEmitter::emitAtom(const Dim::Atom &atom) {
  switch (atom.kind) {
  case Dim::Atom::Symbol: {
    auto found = symbols.find(atom.name);
    if (found == symbols.end())
      internalError("index symbol " + atom.name + " is not bound");
    return found->second;
  }
  case Dim::Atom::FloorDiv: {
    // Rounds down: for a negative dividend, (x - (c - 1)) / c towards zero.
    llvm::Value *x = emit(atom.left);
    if ((atom.divisor & (atom.divisor - 1)) == 0)
      return builder.CreateAShr(x, __builtin_ctzll(atom.divisor));
    llvm::Value *isNegative = builder.CreateICmpSLT(x, constant(0));
    llvm::Value *shifted = builder.CreateSub(x, constant(atom.divisor - 1));
    return builder.CreateSDiv(builder.CreateSelect(isNegative, shifted, x),
                              constant(atom.divisor));
  }
  case Dim::Atom::Min:
    return builder.CreateBinaryIntrinsic(llvm::Intrinsic::smin, emit(atom.left),
                                         emit(atom.right));
  case Dim::Atom::Max:
    return builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, emit(atom.left),
                                         emit(atom.right));
  }
  internalError("unknown kind of size");
}

} // namespace nnc
