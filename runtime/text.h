//===- runtime/text.h - A growable, printf-like string --------------------===//
#ifndef NNRT_TEXT_H
#define NNRT_TEXT_H

#include "runtime/array.h"

namespace nnrt {

class Text {
public:
  Text() = default;
  explicit Text(const char *string) { append(string); }

  const char *c_str() const { return chars.empty() ? "" : chars.data(); }
  int64_t size() const { return chars.empty() ? 0 : chars.size() - 1; }
  bool empty() const { return size() == 0; }

  Text &append(const char *string);
  Text &append(const char *string, int64_t length);
  Text &format(const char *pattern, ...) __attribute__((format(printf, 2, 3)));
  Text &vformat(const char *pattern, __builtin_va_list arguments);
  void reserve(int64_t length) { chars.reserve(length + 1); }
  void clear() { chars.clear(); }
  bool operator==(const char *string) const;

private:
  Array<char> chars; // Ends in 0 unless it is empty.
};

/// "[2, 784]"
Text shapeText(const int64_t *extents, int64_t rank);

/// "1.5 GB": bytes for a person.
Text bytesText(double bytes);

/// The candidate that `word` is most likely a misspelling of, or null if none
/// is near.
const char *nearest(const char *word, const char *const *candidates,
                    int64_t count);

} // namespace nnrt

#endif // NNRT_TEXT_H
