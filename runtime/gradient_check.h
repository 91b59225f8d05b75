//===- runtime/gradient_check.h - Gradients against differences -----------===//
#ifndef NNRT_GRADIENT_CHECK_H
#define NNRT_GRADIENT_CHECK_H

#include "runtime/executor.h"

namespace nnrt {

/// Compares the gradients that a call has just computed with central
/// differences of its loss, (L(w + h) - L(w - h)) / 2h, at up to 32 elements of
/// each parameter, and prints the largest deviation for each. An error if one
/// is larger than rounding and curvature explain.
bool checkGradients(const Program &program, const Function &function,
                    Call &call, const Variables &variables, Team &team,
                    Error &error);

} // namespace nnrt

#endif // NNRT_GRADIENT_CHECK_H
