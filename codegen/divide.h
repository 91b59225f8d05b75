//===- codegen/divide.h - One module compiled by several threads ----------===//
#ifndef NNC_CODEGEN_DIVIDE_H
#define NNC_CODEGEN_DIVIDE_H

#include "llvm/IR/Module.h"

namespace nnc {

/// A share of the functions of a module. The parts of equal modules link to
/// what the whole was; part 0 has the tables.
struct Part {
  int index = 0;
  int count = 1;
};

/// Leaves the definitions of `part`: the rest becomes declarations.
void keepPart(llvm::Module &module, Part part);

} // namespace nnc

#endif // NNC_CODEGEN_DIVIDE_H
