//===- runtime/npy.h - NumPy's file of one array --------------------------===//
//
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_NPY_H
#define NNRT_NPY_H

#include "runtime/input_file.h"
#include "runtime/tensor.h"

namespace nnrt {

/// What a file says of itself; its data is row-major, or else column-major.
struct NpyHeader {
  RawType type;
  Shape shape;
  bool rowMajor;
};

/// For the compiler too, which gives untyped data its type from this.
bool readNpyHeader(InputFile &file, NpyHeader &header, Error &error);

/// The whole of an array, row-major.
bool readNpy(InputFile &file, Tensor &tensor, Error &error);
bool readNpy(const char *path, Tensor &tensor, Error &error);

/// What stands in a file before the elements.
Text formatNpyHeader(ElemType elem, const int64_t *extents, int32_t rank);

} // namespace nnrt

#endif // NNRT_NPY_H
