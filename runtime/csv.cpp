//===- runtime/csv.cpp ----------------------------------------------------===//
#include "runtime/csv.h"
#include "runtime/input_file.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstring>

namespace nnrt {

bool parseNumber(const char *begin, const char *end, double &value) {
  char digits[512]; // strtod wants an end; no sensible number is longer.
  int64_t length = end - begin;
  if (length <= 0 || length >= int64_t(sizeof digits))
    return false;
  for (const char *c = begin; c != end; ++c)
    if (!(*c >= '0' && *c <= '9') && !std::strchr("+-.eE", *c))
      return false; // A zero byte stops strtod too early.
  std::memcpy(digits, begin, length);
  digits[length] = 0;
  char *stop;
  value = std::strtod(digits, &stop);
  return stop == digits + length && std::isfinite(value);
}

/// nan, inf or 1e999, which are no name of a column.
static bool isNotFinite(const char *begin, const char *end) {
  char text[64];
  int64_t length = end - begin;
  if (length <= 0 || length >= int64_t(sizeof text))
    return false;
  std::memcpy(text, begin, length);
  text[length] = 0;
  char *stop;
  double value = std::strtod(text, &stop);
  return stop == text + length && !std::isfinite(value);
}

namespace {
/// The fields of one line, trimmed and without quotes.
class Line {
public:
  Line(const char *begin, const char *end, char separator)
      : at(begin), end(end), separator(separator) {
    skipBlanks();
    more = separator != ' ' || at != end;
  }

  bool next(const char *&from, const char *&to) {
    if (!more)
      return false;
    skipBlanks();
    from = at;
    while (at != end && (separator == ' ' ? !blank(*at) : *at != separator))
      ++at;
    to = at;
    if (separator == ' ') {
      skipBlanks();
      more = at != end;
    } else {
      more = at != end;
      at += more;
    }
    while (to != from && blank(to[-1]))
      --to;
    if (to - from >= 2 && *from == '"' && to[-1] == '"') {
      ++from;
      --to;
    }
    return true;
  }

private:
  bool blank(char c) const {
    return c == ' ' || (c == '\t' && separator != '\t');
  }
  void skipBlanks() {
    while (at != end && blank(*at))
      ++at;
  }

  const char *at, *end;
  char separator;
  bool more;
};
} // namespace

static char separatorOf(const char *begin, const char *end) {
  for (char candidate : {',', ';', '\t'})
    if (std::find(begin, end, candidate) != end)
      return candidate;
  return ' ';
}

static bool isBlank(const char *begin, const char *end) {
  return std::all_of(begin, end, [](char c) { return c == ' ' || c == '\t'; });
}

bool parseCsv(const char *path, const char *text, int64_t length, Tensor &table,
              Error &error) {
  const char *at = text, *end = text + length;
  if (length >= 3 && !std::memcmp(at, "\xEF\xBB\xBF", 3))
    at += 3;
  Array<double> values;
  int64_t columns = 0, rows = 0, firstLine = 0;
  char separator = 0;
  bool first = true;
  for (int64_t line = 1; at < end; ++line) {
    const char *newline = std::find(at, end, '\n'), *stop = newline;
    if (stop != at && stop[-1] == '\r')
      --stop;
    const char *begin = at;
    at = newline == end ? end : newline + 1;
    if (isBlank(begin, stop))
      continue;
    if (first)
      separator = separatorOf(begin, stop);
    Line fields(begin, stop, separator);
    const char *from, *to;
    int64_t field = 0, kept = values.size();
    bool header = false;
    while (fields.next(from, to)) {
      ++field;
      double value;
      if (parseNumber(from, to, value)) {
        values.push(value);
        continue;
      }
      // Else the example would be lost unseen.
      if (first && !isNotFinite(from, to)) {
        header = true;
        break;
      }
      if (from == to)
        return error.set("%s:%" PRId64 ": field %" PRId64 " is empty", path,
                         line, field);
      return error.set(
          "%s:%" PRId64 ": field %" PRId64 " is not a number: '%.*s'", path,
          line, field, int(std::min<int64_t>(to - from, 40)), from);
    }
    first = false;
    if (header) {
      values.resize(kept);
      continue;
    }
    if (rows++ == 0) {
      columns = field;
      firstLine = line;
    } else if (field != columns) {
      return error.set("%s:%" PRId64 ": has %" PRId64
                       " fields, but line %" PRId64 " has %" PRId64,
                       path, line, field, firstLine, columns);
    }
  }
  if (rows == 0)
    return error.set("%s: %s", path,
                     length ? "has no line of numbers" : "is empty");
  table.type = RawType::F64;
  table.shape = {2, {rows, columns}};
  if (!table.allocate(path, error))
    return false;
  std::copy(values.begin(), values.end(),
            static_cast<double *>(table.storage.data()));
  return true;
}

bool readCsv(const char *path, Tensor &table, Error &error) {
  Text text;
  return readWholeFile(path, int64_t(1) << 36, text, error) &&
         parseCsv(path, text.c_str(), text.size(), table, error);
}

} // namespace nnrt
