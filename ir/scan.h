//===- ir/scan.h - The parts of a scan ------------------------------------===//
#ifndef NNC_IR_SCAN_H
#define NNC_IR_SCAN_H

#include "ir/op_def.h"

namespace nnc {

/// A scan's operands and attributes by name.
struct ScanParts {
  explicit ScanParts(const Op &op);

  const Op &op;
  int64_t carries, sequences;
  Dim length;
  bool reverse, until, masked;
  std::vector<int64_t> sequenceAxes, resultAxes;

  Value *carry(int64_t i) const { return op.operand(i); }
  Value *sequence(int64_t i) const { return op.operand(carries + i); }
  /// Requires `masked`: the bools that say which steps are run.
  int64_t mask() const { return carries + sequences - 1; }
  Value *invariant(int64_t i) const {
    return op.operand(carries + sequences + i);
  }
  int64_t invariants() const { return op.operandCount() - carries - sequences; }
  /// The argument of the body that stands for operand `i`.
  Value *argumentOf(int64_t i) const { return op.region().argument(i + 1); }

  /// The types that the body must take and yield.
  std::vector<Type> bodyArguments() const;
  std::vector<Type> bodyResults() const;
};

/// `type` without an axis, and with one more.
Type withoutAxis(const Type &type, int64_t axis);
Type withAxis(const Type &type, int64_t axis, const Dim &extent);

/// Which results depend on the operands that are marked.
std::vector<bool> dependentScanResults(const Op &op,
                                       const std::vector<bool> &operands);
/// The gradient rule of `scan`: ir/autodiff/scan_gradient.cpp.
void differentiateScan(GradientContext &c);

} // namespace nnc

#endif // NNC_IR_SCAN_H
