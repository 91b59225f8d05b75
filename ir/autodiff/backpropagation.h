//===- ir/autodiff/backpropagation.h - The reverse walk over a block ------===//
#ifndef NNC_IR_AUTODIFF_BACKPROPAGATION_H
#define NNC_IR_AUTODIFF_BACKPROPAGATION_H

#include "ir/autodiff/gradient_context.h"

#include <unordered_map>
#include <unordered_set>

namespace nnc {

using ValueSet = std::unordered_set<const Value *>;

/// The floats of `block` that depend on one of `sources`, which stand in it;
/// with the sources.
ValueSet dependents(const Block &block, std::span<Value *const> sources);
/// Which results of `op` depend on the operands that are marked.
std::vector<bool> dependentResults(const Op &op,
                                   const std::vector<bool> &operands);

/// Carries cotangents from values of a block to the `sources` they depend on.
class Backpropagation {
public:
  /// New ops are made with `builder`, which stands below all that is walked.
  Backpropagation(Block &block, std::span<Value *const> sources,
                  Builder &builder, RewriteLog *log = nullptr);

  bool isActive(const Value *value) const { return active.contains(value); }
  /// Adds to the derivative of the loss by `value`.
  void add(const Value *value, Value *share);
  /// Walks the ops that stand in the block now, the last first.
  std::optional<NoDerivative> run();
  /// The derivative of the loss by a source; null stands for zero.
  Value *cotangent(const Value *value) const;
  /// Ops that a rule has put others in place of; to be removed when no more
  /// cotangents are asked for.
  std::vector<Op *> superseded;

private:
  std::optional<NoDerivative> visit(Op &op);

  Block &block;
  ValueSet sources, active;
  Builder &builder;
  RewriteLog *log;
  std::unordered_map<const Value *, Value *> cotangents;
};

} // namespace nnc

#endif // NNC_IR_AUTODIFF_BACKPROPAGATION_H
