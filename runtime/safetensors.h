//===- runtime/safetensors.h - Weight files -------------------------------===//
//
// https://github.com/huggingface/safetensors: the length of the header as a
// little-endian u64, a JSON object {"name": {"dtype", "shape",
// "data_offsets"}}, then the data, little-endian and without holes.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_SAFETENSORS_H
#define NNRT_SAFETENSORS_H

#include "runtime/tensor.h"

namespace nnrt {

/// A tensor that the program has, and that a file should have or get.
struct TensorView {
  const char *name;
  ElemType elem;
  int32_t rank;
  const int64_t *shape;
  void *data;
};

/// One tensor of a file.
struct FileTensor {
  Text name, dtype;
  Shape shape;
  int64_t begin, end; ///< In the data part.
};

struct SafetensorsHeader {
  Array<FileTensor> tensors; ///< By rising offset.
  int64_t dataStart;
};

/// Reads and checks a header: sizes agree with shapes, and the tensors cover
/// the data without holes or overlaps. `bytes` is the whole file.
bool parseSafetensors(const char *path, const char *bytes, int64_t length,
                      SafetensorsHeader &header, Error &error);

/// Fills every view, or none. The file must have exactly these tensors; all
/// that are missing, unknown or of another shape are listed in one error. F32
/// and F64 are converted into each other.
bool loadSafetensors(const char *path, const TensorView *views, int64_t count,
                     Error &error);

/// Writes the views so that `path` is, at every moment, the old file or the
/// whole new one.
bool saveSafetensors(const char *path, const TensorView *views, int64_t count,
                     Error &error);

} // namespace nnrt

#endif // NNRT_SAFETENSORS_H
