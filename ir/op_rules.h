//===- ir/op_rules.h - Rules that many ops share --------------------------===//
#ifndef NNC_IR_OP_RULES_H
#define NNC_IR_OP_RULES_H

#include "ir/autodiff/gradient_context.h"
#include "ir/builder.h"
#include "ir/interpreter.h"
#include "ir/kernels/lowering.h"
#include "ir/op_def.h"

namespace nnc::rules {

// Shape rules of elementwise ops. Operands have one type, which may be a
// tensor, a scalar or a vector.

/// Floats to the same floats.
Inference sameFloat(const Op &op, std::span<const Type> stated);
/// Floats or integers to the same.
Inference sameNumber(const Op &op, std::span<const Type> stated);
/// Any element type to the same.
Inference sameAny(const Op &op, std::span<const Type> stated);
/// Integers to the same integers.
Inference sameInteger(const Op &op, std::span<const Type> stated);
/// bool to bool.
Inference sameBool(const Op &op, std::span<const Type> stated);
/// Operands of one type to bool.
Inference comparison(const Op &op, std::span<const Type> stated);
/// No results; operands of any type.
Inference noResults(const Op &op, std::span<const Type> stated);

// Why ops of the loop IR lack rules that graph ops have.
inline constexpr const char *afterDifferentiation =
    "it comes after differentiation";
inline constexpr const char *isLowered = "it is what nests are lowered to";

/// Applies `function` to each element; the body of a reference rule.
template <typename F> void evaluateUnary(EvaluationContext &c, F function) {
  for (int64_t i = 0; i < c.results[0].size(); ++i)
    c.results[0].data[i] = function(c.operands[0]->data[i]);
}
template <typename F> void evaluateBinary(EvaluationContext &c, F function) {
  for (int64_t i = 0; i < c.results[0].size(); ++i)
    c.results[0].data[i] =
        function(c.operands[0]->data[i], c.operands[1]->data[i]);
}

/// The derivative is zero wherever there is one (`floor`, `compare`), or is
/// taken as zero (`stop_gradient`). Such an op carries no dependence: see
/// dependsOn in ir/autodiff/differentiate.h.
void zeroGradient(GradientContext &c);

/// The lowering of every elementwise op: one parallel axis for each axis of the
/// shape; the body is the op itself, on scalars.
void lowerElementwise(LoweringContext &c);
/// The body of a nest that only moves elements.
std::vector<Value *> loadedValues(Builder &, std::span<Value *const> loaded);

} // namespace nnc::rules

#endif // NNC_IR_OP_RULES_H
