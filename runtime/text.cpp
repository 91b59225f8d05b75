//===- runtime/text.cpp ---------------------------------------------------===//
#include "runtime/text.h"

#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace nnrt {

Text &Text::append(const char *string, int64_t length) {
  if (!chars.empty())
    chars.resize(chars.size() - 1);
  chars.extend(string, length);
  chars.push(0);
  return *this;
}

Text &Text::append(const char *string) {
  return append(string, int64_t(std::strlen(string)));
}

Text &Text::vformat(const char *pattern, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  int length = std::vsnprintf(nullptr, 0, pattern, again);
  va_end(again);
  if (length < 0)
    return *this;
  int64_t old = size();
  chars.resize(old + length + 1);
  std::vsnprintf(chars.data() + old, length + 1, pattern, arguments);
  return *this;
}

Text &Text::format(const char *pattern, ...) {
  va_list arguments;
  va_start(arguments, pattern);
  vformat(pattern, arguments);
  va_end(arguments);
  return *this;
}

bool Text::operator==(const char *string) const {
  return std::strcmp(c_str(), string) == 0;
}

Text shapeText(const int64_t *extents, int64_t rank) {
  Text text("[");
  for (int64_t i = 0; i < rank; ++i)
    text.format("%s%" PRId64, i ? ", " : "", extents[i]);
  text.append("]");
  return text;
}

Text bytesText(double bytes) {
  const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  int unit = 0;
  // What rounds to 1000 is one of the next unit.
  while (bytes >= 999.5 && unit < 5) {
    bytes /= 1000;
    ++unit;
  }
  Text text;
  text.format(unit ? "%.3g %s" : "%.0f %s", bytes, units[unit]);
  return text;
}

/// Levenshtein's distance, by its usual two-row table.
static int64_t editDistance(const char *a, const char *b) {
  int64_t m = int64_t(std::strlen(a)), n = int64_t(std::strlen(b));
  Array<int64_t> row;
  row.resize(n + 1);
  for (int64_t j = 0; j <= n; ++j)
    row[j] = j;
  for (int64_t i = 1; i <= m; ++i) {
    int64_t diagonal = row[0];
    row[0] = i;
    for (int64_t j = 1; j <= n; ++j) {
      int64_t best = diagonal + (a[i - 1] != b[j - 1]);
      if (row[j] + 1 < best)
        best = row[j] + 1;
      if (row[j - 1] + 1 < best)
        best = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[n];
}

const char *nearest(const char *word, const char *const *candidates,
                    int64_t count) {
  // A long word is no misspelling of an option, and would cost its square.
  int64_t length = int64_t(std::strlen(word));
  if (length > 64)
    return nullptr;
  const char *best = nullptr;
  int64_t bestDistance = length / 3 + 2;
  for (int64_t i = 0; i < count; ++i) {
    int64_t distance = editDistance(word, candidates[i]);
    if (distance < bestDistance &&
        distance < int64_t(std::strlen(candidates[i]))) {
      bestDistance = distance;
      best = candidates[i];
    }
  }
  return best;
}

} // namespace nnrt
