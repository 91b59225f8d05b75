//===- runtime/memory.cpp -------------------------------------------------===//
#include "runtime/memory.h"

#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace nnrt {

bool guardBuffers = false;

// No machine has more, and sums of a few such sizes still fit in 64 bits.
static constexpr int64_t largestBuffer = int64_t(1) << 50;
static constexpr int64_t hugePage = int64_t(2) << 20;
static constexpr unsigned char guardByte = 0xA5;

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

bool Buffer::allocate(int64_t bytes, const char *what, Error &error) {
  release();
  if (bytes < 0 || bytes > largestBuffer)
    return error.set("out of memory: %s would need more than a petabyte", what);
  int64_t rounded = roundUp(bytes ? bytes : 1, bufferAlignment);
  if (guardBuffers) {
    int64_t page = sysconf(_SC_PAGESIZE);
    int64_t inside = roundUp(rounded, page);
    mappingLength = inside + 2 * page;
    mapping = mmap(nullptr, mappingLength, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    char *base = static_cast<char *>(mapping);
    if (mapping == MAP_FAILED ||
        mprotect(base + page, inside, PROT_READ | PROT_WRITE)) {
      if (mapping != MAP_FAILED)
        munmap(mapping, mappingLength);
      mapping = nullptr;
      mappingLength = 0;
      return error.set("out of memory: %s needs %s", what,
                       bytesText(double(bytes)).c_str());
    }
    start = base + page + inside - rounded;
    std::memset(base + page, guardByte, inside);
    std::memset(start, 0xFF, bytes);
  } else {
    bool huge = rounded >= 2 * hugePage;
    if (posix_memalign(&mapping, huge ? hugePage : bufferAlignment, rounded)) {
      mapping = nullptr;
      return error.set("out of memory: %s needs %s", what,
                       bytesText(double(bytes)).c_str());
    }
    if (huge) // Best effort: fewer TLB misses, nothing depends on it.
      madvise(mapping, rounded, MADV_HUGEPAGE);
    start = mapping;
  }
  length = bytes;
  return true;
}

void Buffer::release() {
  if (mappingLength)
    munmap(mapping, mappingLength);
  else
    std::free(mapping);
  start = mapping = nullptr;
  length = mappingLength = 0;
}

bool Buffer::intact() const {
  if (!mappingLength)
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
}

} // namespace nnrt
