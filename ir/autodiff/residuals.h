//===- ir/autodiff/residuals.h - What a forward scan saves ----------------===//
#ifndef NNC_IR_AUTODIFF_RESIDUALS_H
#define NNC_IR_AUTODIFF_RESIDUALS_H

#include "ir/rewrite_log.h"

#include <functional>

namespace nnc {

struct ScanResidual {
  Value *argument; ///< Of the backward body.
  Value *value;    ///< Of the forward body, whose part of each step it is.
};

/// The backward body while it computes all of the forward body again.
struct CopiedBody {
  Block &block;
  const std::vector<std::pair<Op *, Op *>> &copiedOps; ///< Copy, original.
  /// The carries: each that is used and its value at the start of each step.
  std::vector<ScanResidual> carries;
  /// Arguments for sequences that nothing reads after the forward scan, unless
  /// the body does.
  std::vector<Value *> sequences;
  /// The forward scan puts this value of its body out anyway.
  std::function<bool(Value *)> isFree;
};

/// The one decision between memory and time: has the body take from the forward
/// scan what is not cheap to compute, contractions, reductions and loops, or,
/// where that is less to keep, what elementwise ops make of them: the sum of
/// two products instead of both. Everything else is computed again, from what
/// is saved, the sequences and the invariants.
///
/// A product of few terms is computed again too, by the name of `recompute` in
/// `log`, which may be null.
std::vector<ScanResidual> chooseResiduals(const CopiedBody &body,
                                          RewriteLog *log);

} // namespace nnc

#endif // NNC_IR_AUTODIFF_RESIDUALS_H
