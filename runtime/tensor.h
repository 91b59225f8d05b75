//===- runtime/tensor.h - A value from outside the program ----------------===//
#ifndef NNRT_TENSOR_H
#define NNRT_TENSOR_H

#include "runtime/memory.h"
#include "runtime/program.h"

namespace nnrt {

/// What files hold. Data stays in memory as it is in the file (images at one
/// byte a pixel) and is converted when a batch is gathered.
enum class RawType : int32_t { Bool, U8, I8, I16, U16, I32, I64, F32, F64 };

int64_t rawSize(RawType type);
const char *typeName(RawType type);
const char *typeName(ElemType type);
RawType rawType(ElemType type);

/// "f32[B, 784]"
Text typeText(const Slot &slot);

/// More axes than this are refused, everywhere.
constexpr int32_t maxRank = 16;

struct Shape {
  int32_t rank = 0;
  int64_t extents[maxRank] = {};
};

/// Some of the examples that axis 0 counts, the last one included.
struct Examples {
  int64_t from = 0, to = 0;

  int64_t count() const { return to - from + 1; }
  bool areIn(const Shape &shape, const char *path, Error &error) const;
};

/// Elements of a tensor that is known to fit.
int64_t elementCount(const int64_t *extents, int64_t rank);

struct Tensor {
  RawType type = RawType::F64;
  Shape shape;
  Buffer storage;
  /// In `storage`, or constant data of the program.
  const void *data = nullptr;

  int64_t count() const { return elementCount(shape.extents, shape.rank); }
  /// Storage for `type` and `shape`.
  bool allocate(const char *what, Error &error);
};

/// Converts elements, which checkConvertible has found to be in range.
void convert(RawType from, const void *source, ElemType to, void *target,
             int64_t count);

/// The case of `convert` from u8 to f32.
void convertPixels(const uint8_t *__restrict source, float *__restrict target,
                   int64_t count);

/// The first element that `to` cannot hold (not whole, or out of range), or -1.
int64_t firstInconvertible(RawType from, const void *source, int64_t count,
                           ElemType to);

/// The first element that is NaN or infinite, or -1.
int64_t firstNotFinite(RawType type, const void *data, int64_t count);

/// One element, for messages and output; f32 and f64 with as many digits as
/// tell it from its neighbours.
void appendElement(Text &text, RawType type, const void *data, int64_t index);
double elementAsDouble(RawType type, const void *data, int64_t index);

/// `[[0.1, 0.2], [0.3, 0.4]]`, each row of a matrix on its own line.
void appendTensor(Text &text, RawType type, const void *data,
                  const int64_t *extents, int32_t rank);

} // namespace nnrt

#endif // NNRT_TENSOR_H
