//===- runtime/finite.h - Neither NaN nor infinite ------------------------===//
#ifndef NNRT_FINITE_H
#define NNRT_FINITE_H

#include "runtime/program.h"

namespace nnrt {

/// Whether every element is finite; what is no float always is.
bool allFinite(ElemType elem, const void *data, int64_t count);

} // namespace nnrt

#endif // NNRT_FINITE_H
