//===- ir/kernels/nest_reduction.h - What a nest reduces ------------------===//
#ifndef NNC_IR_KERNELS_NEST_REDUCTION_H
#define NNC_IR_KERNELS_NEST_REDUCTION_H

#include "ir/kernels/nest_point.h"

namespace nnc {

class NestReduction : protected NestPoint {
protected:
  using NestPoint::NestPoint;

  /// Where the reduction starts, for each store.
  Values identities();
  /// What the body gives, reduced over all reduced axes.
  Values reduceAxes();
  /// The same if vectors lie along the last reduced axis.
  Values reduceLanes();

  using Step = std::function<Values(const Values &)>;
  /// Runs `step` at each place of the reduced axes from the i-th on, but for
  /// one along which vectors lie.
  Values overReduced(size_t i, Values accumulators, const Step &step);

  bool reducesLanes = false;

private:
  double identity() const;
  Values combined(const Values &a, const Values &b);
  Values overRange(const AxisRange &axis, const Dim &from, const Dim &to,
                   int64_t count, const Values &sums);
  Values chainOf(const Values &values, int64_t chain) const;
  Values joined(Values values);
  Values lastLanes(const Values &carried, const AxisRange &axis,
                   const Dim &index);
};

} // namespace nnc

#endif // NNC_IR_KERNELS_NEST_REDUCTION_H
