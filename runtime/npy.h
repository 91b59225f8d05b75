//===- runtime/npy.h - NumPy's file of one array --------------------------===//
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_NPY_H
#define NNRT_NPY_H

#include "runtime/tensor.h"

namespace nnrt {

/// Reads `path`. `isNpy` tells whether it begins as such a file; if not, this
/// fails and another format may be tried.
bool readNpy(const char *path, bool &isNpy, Tensor &tensor, Error &error);

bool writeNpy(const char *path, ElemType elem, const void *data,
              const int64_t *extents, int32_t rank, Error &error);

} // namespace nnrt

#endif // NNRT_NPY_H
