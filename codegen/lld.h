//===- codegen/lld.h - LLVM's linker, in this process ---------------------===//
#ifndef NNC_CODEGEN_LLD_H
#define NNC_CODEGEN_LLD_H

#include "codegen/status.h"

#include <string>
#include <vector>

namespace nnc {

/// The first argument says which linker it is: ld.lld (ELF) or wasm-ld.
Status runLld(const std::vector<std::string> &arguments);

} // namespace nnc

#endif // NNC_CODEGEN_LLD_H
