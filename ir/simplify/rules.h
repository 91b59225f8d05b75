//===- ir/simplify/rules.h - The rules of `canonicalise` ------------------===//
//
// Note [What a simplification keeps]
// A rule holds for every value of its operands: NaN, infinities and the sign
// of a zero come out as before; only a NaN's payload may differ. So x + 0 (for
// x = -0), 0 * x, x - x, x/x and 0 - x stay as they are on floats, and
// x - 0, x + -0, x * 1, x / 1, x * -1 and x / 2^n go. Nor is a sum put in
// another order. The one freedom is to round less often: pow(x, 2) = x * x.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_SIMPLIFY_RULES_H
#define NNC_IR_SIMPLIFY_RULES_H

#include "ir/rewriter.h"

namespace nnc::simplify {

/// Identities of scalars, element by element.
extern const std::span<const RewriteRule> elementwiseRules;
/// broadcast, transpose, reshape, slice, pad, concat, reverse.
extern const std::span<const RewriteRule> indexingRules;
/// What follows a reshape that takes axes apart.
extern const std::span<const RewriteRule> splitRules;
/// sum, product, reduce_max, reduce_min.
extern const std::span<const RewriteRule> reductionRules;
/// Identities of real numbers, for a text that people read: see `rephrase`.
extern const std::span<const RewriteRule> readingRules;

// Of passes of their own.

/// Logarithms and exponentials that do not overflow: `stabilise`.
extern const std::span<const RewriteRule> stableRules;
/// What holds of finite numbers: `assume-finite`.
extern const std::span<const RewriteRule> finiteRules;

/// 1x1 convolutions become products: `convolutions-to-products`.
extern const std::span<const RewriteRule> convolutionRules;
/// What is divided once for many elements: `quotients-to-factors`.
extern const std::span<const RewriteRule> quotientRules;
/// What weights that the program was compiled with allow: `fold-frozen`.
extern const std::span<const RewriteRule> frozenAffineRules;
extern const std::span<const RewriteRule> frozenScaleRules;
extern const std::span<const RewriteRule> frozenShiftRules;
extern const std::span<const RewriteRule> frozenConvolutionRules;

} // namespace nnc::simplify

#endif // NNC_IR_SIMPLIFY_RULES_H
