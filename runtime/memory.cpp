//===- runtime/memory.cpp -------------------------------------------------===//
#include "runtime/memory.h"

#include <cstdlib>
#include <cstring>

namespace nnrt {

bool guardBuffers = false;

static constexpr bool isWide = sizeof(void *) == 8;
// No machine has more, and sums of a few such sizes still fit in 64 bits. With
// 32, malloc itself gives no more than half of what they address.
static constexpr int64_t largestBuffer = isWide ? int64_t(1) << 50 : INT32_MAX;
static constexpr int64_t largeBuffer = int64_t(1) << 20;

bool checkedProduct(const int64_t *extents, int64_t rank, int64_t unit,
                    int64_t &product) {
  // A zero makes the product zero, but must not hide a negative extent.
  product = unit;
  bool fits = true, zero = unit == 0;
  for (int64_t i = 0; i < rank; ++i) {
    if (extents[i] < 0)
      return false;
    zero |= extents[i] == 0;
    fits = fits && !__builtin_mul_overflow(product, extents[i], &product);
  }
  if (zero)
    product = 0;
  return fits || zero;
}

bool Buffer::allocate(int64_t bytes, const char *what, Error &error,
                      Contents contents) {
  release();
  if (bytes < 0 || bytes > largestBuffer)
    return error.set("out of memory: %s would need more than %s", what,
                     isWide ? "a petabyte" : "2 GB, the most with 32 bits");
  int64_t rounded = roundUp(bytes ? bytes : 1, bufferAlignment);
  bool zero = contents == Contents::Zero, done;
  if (guardBuffers) {
    done = mapGuarded(rounded);
    if (done)
      std::memset(start, zero ? 0 : 0xFF, bytes);
  } else if (rounded >= largeBuffer && hasPages) {
    done = mapHuge(rounded); // The system's pages are zero.
  } else {
    done = !posix_memalign(&start, bufferAlignment, rounded);
    if (done && zero)
      std::memset(start, 0, bytes);
  }
  if (!done) {
    release();
    return error.set("out of memory: %s needs %s", what,
                     bytesText(double(bytes)).c_str());
  }
  length = bytes;
  return true;
}

void Buffer::release() {
  if (mappingLength)
    unmap();
  else
    std::free(start);
  start = mapping = nullptr;
  length = mappingLength = 0;
  guarded = false;
}

bool Buffer::intact() const {
  if (!guarded)
    return true;
  const unsigned char *end = static_cast<unsigned char *>(start) + length;
  int64_t slack = roundUp(length ? length : 1, bufferAlignment) - length;
  for (int64_t i = 0; i < slack; ++i)
    if (end[i] != guardByte)
      return false;
  return true;
}

void Buffer::swap(Buffer &other) {
  std::swap(start, other.start);
  std::swap(length, other.length);
  std::swap(mapping, other.mapping);
  std::swap(mappingLength, other.mappingLength);
  std::swap(guarded, other.guarded);
}

} // namespace nnrt
