//===- ir/recomputation.h - Computing again instead of keeping ------------===//
//
// A derivative needs values that the loss was computed from; they are kept from
// then on. Most can be computed again from others that are kept: that frees
// their memory and costs time.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_RECOMPUTATION_H
#define NNC_IR_RECOMPUTATION_H

#include "ir/rewrite_log.h"

#include <span>

namespace nnc {

/// A value that is kept for the derivative and that can be computed again.
struct Residual {
  int64_t op;     ///< The number of the op in the body that makes it.
  int64_t result; ///< Of the op.
  int64_t bytes;
  /// What it takes to compute it from those residuals before it.
  Work work;
  const Op *maker; ///< In the function that was looked at.
  /// The op is a scan, and turns of its derivative compute the value.
  bool inLoop = false;
};

/// What is not known counts as nothing.
int64_t sizeOf(const Dim &dim, const Dim::Values &sizes);
/// What work takes, in the time of a multiply-add: at least one.
double timeOf(const Work &work, const Dim::Values &sizes);

/// The residuals of a function that gives a loss, in the order in which they
/// are best given up. Those that take no product come first; then those of
/// loops, and then the more bytes for the less work; of equals those that leave
/// their neighbours, since a run of them is computed again at once and then
/// needs its memory all the same.
std::vector<Residual> residualsOf(const Function &function,
                                  const Dim::Values &sizes);

/// Has the derivative compute these again, each just before its first use
/// there. `residuals` are of this function, or of one that this is a copy of.
void computeAgain(Function &function, std::span<const Residual> residuals);

} // namespace nnc

#endif // NNC_IR_RECOMPUTATION_H
