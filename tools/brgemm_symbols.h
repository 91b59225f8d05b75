//===- tools/brgemm_symbols.h - The micro-kernels in this process -------===//
#ifndef NNC_TOOLS_BRGEMM_SYMBOLS_H
#define NNC_TOOLS_BRGEMM_SYMBOLS_H

#include "codegen/jit.h"

#include <vector>

namespace nnc {

/// The functions of codegen/brgemm.h that are linked into this program, for
/// code that is compiled in memory.
std::vector<RuntimeSymbol> brgemmSymbols();

} // namespace nnc

#endif // NNC_TOOLS_BRGEMM_SYMBOLS_H
