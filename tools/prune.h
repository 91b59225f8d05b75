//===- tools/prune.h - Only what a command needs is compiled --------------===//
#ifndef NNC_TOOLS_PRUNE_H
#define NNC_TOOLS_PRUNE_H

#include "ir/program.h"

namespace nnc {

/// For `nnc test`, which compiles in memory: leaves out nets, which tests have
/// inlined, and training if no test comes after it.
void pruneForTests(Program &program);

} // namespace nnc

#endif // NNC_TOOLS_PRUNE_H
