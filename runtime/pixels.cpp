//===- runtime/pixels.cpp - Bytes to floats, the one hot conversion -------===//
//
// Every batch of images goes through this, so it is a file of its own, which
// the build compiles for speed where the rest is compiled for size.
//
//===----------------------------------------------------------------------===//
#include "runtime/tensor.h"

namespace nnrt {

void convertPixels(const uint8_t *__restrict source, float *__restrict target,
                   int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    target[i] = source[i];
}

} // namespace nnrt
