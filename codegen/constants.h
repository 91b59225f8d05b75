//===- codegen/constants.h - Data of generated code -----------------------===//
#ifndef NNC_CODEGEN_CONSTANTS_H
#define NNC_CODEGEN_CONSTANTS_H

#include "ir/attribute.h"
#include "ir/type.h"

#include "llvm/IR/Module.h"

namespace nnc {

/// One constant for each text, so that equal code is equal with it.
llvm::GlobalVariable *sharedText(llvm::Module &module, const std::string &text);

/// The elements of a `global` of this type; `value` is one number, which each
/// is, or dense data.
llvm::GlobalVariable *constantData(llvm::Module &module, const Type &type,
                                   const Attr &value);

} // namespace nnc

#endif // NNC_CODEGEN_CONSTANTS_H
