//===- tools/linked_symbols.h - The runtime in this process ---------------===//
#ifndef NNC_TOOLS_LINKED_SYMBOLS_H
#define NNC_TOOLS_LINKED_SYMBOLS_H

#include "codegen/jit.h"

#include <vector>

namespace nnc {

/// What code that is compiled in memory calls of what is linked into this
/// program: the micro-kernels, and what makes listed calls.
std::vector<RuntimeSymbol> linkedSymbols();

} // namespace nnc

#endif // NNC_TOOLS_LINKED_SYMBOLS_H
