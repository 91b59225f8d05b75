//===- ir/autodiff/gradient_context.h - What a gradient rule sees ---------===//
//
// Reverse mode: given the derivative of the loss by each result of an op (its
// cotangent), a rule gives the derivative by each operand. New ops are built
// with `builder`; they may use the op's operands and results.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_AUTODIFF_GRADIENT_CONTEXT_H
#define NNC_IR_AUTODIFF_GRADIENT_CONTEXT_H

#include "ir/builder.h"

#include <optional>

namespace nnc {

class RewriteLog;

/// Why there is no derivative: the sentence names the op.
struct NoDerivative {
  std::string message;
  Location location;
};

class GradientContext {
public:
  GradientContext(Op &op, Builder &builder, std::vector<Value *> cotangents,
                  std::vector<bool> wanted)
      : op(op), builder(builder), cotangents(std::move(cotangents)),
        wanted(std::move(wanted)), shares(op.operandCount()) {}

  Op &op;
  Builder &builder;

  Value *operand(int64_t i) const { return op.operand(i); }
  Value *result(int64_t i = 0) const { return op.result(i); }
  /// The derivative of the loss by result `i`; null stands for zero. An op of
  /// one result is visited only if its cotangent is not null.
  Value *cotangent(int64_t i = 0) const { return cotangents[i]; }
  /// Whether anybody wants the derivative by operand `i`. A rule that ignores
  /// this is right, but makes ops that are removed again.
  bool wants(int64_t i) const { return wanted[i]; }
  /// States the derivative by operand `i`: the operand's type. At most once
  /// for each operand; never given means zero.
  void give(int64_t i, Value *derivative) { shares[i] = derivative; }
  Value *given(int64_t i) const { return shares[i]; }

  /// Asked before a value is computed again instead of kept; may be null.
  RewriteLog *log = nullptr;
  /// Set by the rule of an op with a body in which something has none.
  std::optional<NoDerivative> error;
  /// Set by a rule that has put another op in place of this one. The op stays
  /// until the walk is over.
  bool isSuperseded = false;

private:
  std::vector<Value *> cotangents;
  std::vector<bool> wanted;
  std::vector<Value *> shares;
};

} // namespace nnc

#endif // NNC_IR_AUTODIFF_GRADIENT_CONTEXT_H
