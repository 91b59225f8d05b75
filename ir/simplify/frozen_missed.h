//===- ir/simplify/frozen_missed.h - What was nearly folded into weights --===//
#ifndef NNC_IR_SIMPLIFY_FROZEN_MISSED_H
#define NNC_IR_SIMPLIFY_FROZEN_MISSED_H

#include "ir/op.h"
#include "ir/rewrite_log.h"

namespace nnc::simplify {

/// After the rules of `fold-frozen`: says what stays beside a layer, and why:
/// its weights are not frozen, are slices in a loop, or one layer would take
/// more products.
void sayWhatStaysUnfolded(const Function &function, RewriteLog &log);

} // namespace nnc::simplify

#endif // NNC_IR_SIMPLIFY_FROZEN_MISSED_H
