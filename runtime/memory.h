//===- runtime/memory.h - Aligned buffers, checked sizes ------------------===//
#ifndef NNRT_MEMORY_H
#define NNRT_MEMORY_H

#include "runtime/error.h"

namespace nnrt {

constexpr int64_t bufferAlignment = 64;

constexpr int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// The product of non-negative extents and of `unit`; false if one is negative
/// or the product does not fit.
bool checkedProduct(const int64_t *extents, int64_t rank, int64_t unit,
                    int64_t &product);

/// Whether new buffers stand in mappings of their own that end at a protected
/// page (`--guard`, NN_GUARD=1). What lies between a buffer's end and the
/// page, less than 64 bytes, holds a pattern that `intact` checks; the buffer
/// itself starts as all ones, which is NaN in every float.
extern bool guardBuffers;
constexpr unsigned char guardByte = 0xA5;

/// Whether the system gives and protects pages. If not, all memory is malloc's.
extern const bool hasPages;

enum class Contents { Undefined, Zero };

/// Memory aligned to 64 bytes, owned. A large one is in huge pages where the
/// system has them, and costs nothing before it is touched.
class Buffer {
public:
  Buffer() = default;
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  Buffer(Buffer &&other) noexcept { swap(other); }
  Buffer &operator=(Buffer &&other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { release(); }

  /// `what` is for the message: "temporaries of Digits".
  bool allocate(int64_t bytes, const char *what, Error &error,
                Contents contents = Contents::Undefined);
  /// The first bytes of an open file, which are read as they are used; what is
  /// written stays here. False if the system does not do that.
  bool mapFile(int file, int64_t bytes);
  void release();
  void *data() const { return start; }
  int64_t size() const { return length; }
  /// False if something was written past the end; only guarded buffers know.
  bool intact() const;
  void swap(Buffer &other);

private:
  bool map(int64_t bytes, int protection, int flags, int file);
  bool mapGuarded(int64_t rounded);
  bool mapHuge(int64_t rounded);
  void unmap();
  void *start = nullptr;
  int64_t length = 0;
  void *mapping = nullptr;
  int64_t mappingLength = 0; // 0: from malloc.
  bool guarded = false;
};

} // namespace nnrt

#endif // NNRT_MEMORY_H
