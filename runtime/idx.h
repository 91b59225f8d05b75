//===- runtime/idx.h - The idx format of the MNIST files ------------------===//
//
// http://yann.lecun.com/exdb/mnist: two zero bytes, a type byte, the rank, an
// extent of 32 bits for each axis, then the elements; all big-endian.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_IDX_H
#define NNRT_IDX_H

#include "runtime/input_file.h"
#include "runtime/tensor.h"

namespace nnrt {

struct IdxHeader {
  RawType type;
  Shape shape; ///< Axis 0 counts the examples.
};

/// For the compiler too, which gives untyped data its type from this.
bool readIdxHeader(const char *path, IdxHeader &header, Error &error);

/// The whole file, its elements in the machine's byte order. Of `some` examples
/// nothing that follows them is read.
bool readIdx(const char *path, const Examples *some, Tensor &tensor,
             Error &error);

} // namespace nnrt

#endif // NNRT_IDX_H
