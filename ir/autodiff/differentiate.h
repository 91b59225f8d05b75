//===- ir/autodiff/differentiate.h - Expands `gradient` -------------------===//
//
// Reverse mode, graph to graph, on SSA. The derivative is made of ordinary ops,
// so it can be differentiated again. Ops of the backward part carry the
// location of the op whose derivative they compute.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_AUTODIFF_DIFFERENTIATE_H
#define NNC_IR_AUTODIFF_DIFFERENTIATE_H

#include "ir/autodiff/gradient_context.h"

namespace nnc {

/// Replaces every `gradient`, in program order and in regions too. A value by
/// which is differentiated is taken as independent there: only uses of that
/// very value count. Where y does not depend on x the derivative is zeros.
/// What a loop computes again in its derivative, instead of keeping it, goes
/// into `log`, which may be null.
std::optional<NoDerivative> differentiate(Function &function,
                                          RewriteLog *log = nullptr);

/// Whether a change of `x` may change the scalar or tensor `y` by a way that
/// has a derivative: not through stop_gradient, integers, or ops such as floor.
/// Both stand in one block.
bool dependsOn(Value *y, Value *x);

} // namespace nnc

#endif // NNC_IR_AUTODIFF_DIFFERENTIATE_H
