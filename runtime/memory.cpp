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
static constexpr int64_t largeBuffer = hugePage / 2;
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

bool Buffer::map(int64_t bytes, int protection) {
  void *address = mmap(nullptr, bytes, protection,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED)
    return false;
  mapping = address;
  mappingLength = bytes;
  return true;
}

/// Between two protected pages, at the end of what is between them.
bool Buffer::mapGuarded(int64_t rounded) {
  int64_t page = sysconf(_SC_PAGESIZE), inside = roundUp(rounded, page);
  if (!map(inside + 2 * page, PROT_NONE))
    return false;
  char *first = static_cast<char *>(mapping) + page;
  if (mprotect(first, inside, PROT_READ | PROT_WRITE))
    return false;
  std::memset(first, guardByte, inside);
  start = first + inside - rounded;
  guarded = true;
  return true;
}

/// A page fault costs about as much for 2 MB as for 4 KB. The advice is best
/// effort: nothing depends on it.
bool Buffer::mapHuge(int64_t rounded) {
  int64_t pages = roundUp(rounded, hugePage);
  if (!map(pages + hugePage, PROT_READ | PROT_WRITE))
    return false;
  auto address = reinterpret_cast<uintptr_t>(mapping);
  start = static_cast<char *>(mapping) +
          (roundUp(int64_t(address), hugePage) - int64_t(address));
  madvise(start, pages, MADV_HUGEPAGE);
  return true;
}

bool Buffer::allocate(int64_t bytes, const char *what, Error &error,
                      Contents contents) {
  release();
  if (bytes < 0 || bytes > largestBuffer)
    return error.set("out of memory: %s would need more than a petabyte", what);
  int64_t rounded = roundUp(bytes ? bytes : 1, bufferAlignment);
  bool zero = contents == Contents::Zero, done;
  if (guardBuffers) {
    done = mapGuarded(rounded);
    if (done)
      std::memset(start, zero ? 0 : 0xFF, bytes);
  } else if (rounded >= largeBuffer) {
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
    munmap(mapping, mappingLength);
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
