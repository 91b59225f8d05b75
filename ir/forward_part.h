//===- ir/forward_part.h - What a derivative reads of what it derives -----===//
#ifndef NNC_IR_FORWARD_PART_H
#define NNC_IR_FORWARD_PART_H

#include "ir/builder.h"

#include <functional>
#include <unordered_set>
#include <vector>

namespace nnc {

/// Whether an op gives the same however often it is run.
bool isRepeatable(const Op &op);

/// The ops up to the one that makes the loss, and what those behind it need. A
/// derivative stands behind what it derives; a state's update may stand before.
class ForwardPart {
public:
  explicit ForwardPart(const Function &function);

  bool contains(const Op *op) const { return forward.contains(op); }
  /// Whether a derivative reads the value. The program's own results stay.
  bool isResidual(const Value *value) const;
  /// Whether the value depends on more than variables and constants.
  bool varies(const Value *value) const { return varying.contains(value); }
  /// Calls `visit` with each op that is run again to get the results of `op`
  /// from residuals, and `leaf` with each residual.
  void walk(const Op &op, const std::function<void(const Op &)> &visit,
            const std::function<void(const Value *)> &leaf) const;

  std::vector<Op *> ops; ///< All of the body.

private:
  const Op *end;
  std::unordered_set<const Op *> forward;
  std::unordered_set<const Value *> varying;
};

/// Values that are computed again, behind the forward part.
class ComputedAgain {
public:
  /// `isComputed` tells, of a value that an op makes, whether it is, or is
  /// read again.
  ComputedAgain(const ForwardPart &forward,
                std::function<bool(const Value *)> isComputed)
      : forward(forward), isComputed(std::move(isComputed)) {}

  /// The value, from ops of its own before `user`, or from those of an earlier
  /// call.
  Value *before(Op *user, Value *value);

private:
  const ForwardPart &forward;
  std::function<bool(const Value *)> isComputed;
  ValueMap copies;
};

} // namespace nnc

#endif // NNC_IR_FORWARD_PART_H
