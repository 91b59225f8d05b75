//===- runtime/array.h - A growable array without libstdc++ ---------------===//
#ifndef NNRT_ARRAY_H
#define NNRT_ARRAY_H

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace nnrt {

/// Says on standard error that `bytes` could not be had, and exits 1.
[[noreturn]] void outOfMemory(int64_t bytes);

/// Like std::vector, but on malloc: a built program has no operator new.
template <typename T> class Array {
public:
  Array() = default;
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;
  Array(Array &&other) noexcept { swap(other); }
  Array &operator=(Array &&other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() {
    clear();
    std::free(items);
  }

  int64_t size() const { return count; }
  bool empty() const { return count == 0; }
  T *data() { return items; }
  const T *data() const { return items; }
  T *begin() { return items; }
  T *end() { return items + count; }
  const T *begin() const { return items; }
  const T *end() const { return items + count; }
  T &operator[](int64_t i) { return items[i]; }
  const T &operator[](int64_t i) const { return items[i]; }
  T &back() { return items[count - 1]; }

  T &push(T value) {
    reserve(count + 1);
    return *new (items + count++) T(std::move(value));
  }

  /// Copies items that are plain bytes to the end.
  void extend(const T *from, int64_t more) {
    static_assert(std::is_trivially_copyable_v<T>);
    reserve(count + more);
    if (more)
      std::memcpy(items + count, from, size_t(more) * sizeof(T));
    count += more;
  }

  /// New items are value-initialised: zero, or empty.
  void resize(int64_t size) {
    if constexpr (std::is_trivially_destructible_v<T>)
      count = count < size ? count : size;
    while (count > size)
      items[--count].~T();
    reserve(size);
    if constexpr (std::is_trivially_default_constructible_v<T>) {
      if (count < size)
        std::memset(static_cast<void *>(items + count), 0,
                    size_t(size - count) * sizeof(T));
      count = size;
    }
    while (count < size)
      new (items + count++) T();
  }

  void clear() { resize(0); }

  void reserve(int64_t wanted) {
    if (wanted > capacity)
      grow(wanted);
  }

  void swap(Array &other) {
    std::swap(items, other.items);
    std::swap(count, other.count);
    std::swap(capacity, other.capacity);
  }

private:
  // Out of line, or g++ 12 sees writes through the null pointer of an array
  // that it has just grown.
  __attribute__((noinline)) void grow(int64_t wanted) {
    int64_t grown = capacity * 2 > wanted ? capacity * 2 : wanted;
    int64_t bytes;
    if (__builtin_mul_overflow(grown, int64_t(sizeof(T)), &bytes))
      outOfMemory(INT64_MAX);
    // It may have 32 bits.
    size_t size;
    if (__builtin_add_overflow(bytes, 0, &size))
      outOfMemory(bytes);
    if constexpr (std::is_trivially_copyable_v<T>) {
      items = static_cast<T *>(std::realloc(items, size));
      if (!items)
        outOfMemory(bytes);
    } else {
      T *moved = static_cast<T *>(std::malloc(size));
      if (!moved)
        outOfMemory(bytes);
      for (int64_t i = 0; i < count; ++i) {
        new (moved + i) T(std::move(items[i]));
        items[i].~T();
      }
      std::free(items);
      items = moved;
    }
    capacity = grown;
  }

  T *items = nullptr;
  int64_t count = 0, capacity = 0;
};

} // namespace nnrt

#endif // NNRT_ARRAY_H
