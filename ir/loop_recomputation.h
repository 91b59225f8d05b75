//===- ir/loop_recomputation.h - The same in the turns of loops -----------===//
//
// A scan puts together, for the scan that is its derivative, what each of its
// turns computes. The turns of that one can compute it themselves from what
// they get anyway: the carries, the sequences, and what else is put together.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_LOOP_RECOMPUTATION_H
#define NNC_IR_LOOP_RECOMPUTATION_H

#include "ir/recomputation.h"

namespace nnc {

/// Those of the scans in the body of a function, by bytes for work.
std::vector<Residual> loopResidualsOf(const Function &function,
                                      const Dim::Values &sizes);

/// What a scan keeps of all its turns, and why it is not among those.
struct KeptInLoop {
  const Op *maker; ///< In the scan's body.
  Dim bytes;
  std::string_view why;
};
std::vector<KeptInLoop> keptInLoops(const Function &function);

/// A value that `forward` puts together and that is given up.
struct GivenUp {
  Op *forward;
  int64_t result;
};
/// Has the turns of the derivatives' scans compute these.
void computeInTurns(std::span<const GivenUp> residuals);

} // namespace nnc

#endif // NNC_IR_LOOP_RECOMPUTATION_H
