//===- ir/passes/dead_code.h - Removes ops that nobody uses ---------------===//
#ifndef NNC_IR_PASSES_DEAD_CODE_H
#define NNC_IR_PASSES_DEAD_CODE_H

#include "ir/op.h"

namespace nnc {

/// Removes the ops of `block`, and of the regions in it, whose results have no
/// uses and whose effects allow it.
void removeDeadOps(Block &block);

} // namespace nnc

#endif // NNC_IR_PASSES_DEAD_CODE_H
