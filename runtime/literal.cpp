//===- runtime/literal.cpp ------------------------------------------------===//
#include "runtime/literal.h"
#include "runtime/csv.h"
#include "runtime/idx.h"
#include "runtime/npy.h"

#include <algorithm>
#include <cctype>
#include <cinttypes>
#include <cstring>
#include <unistd.h>

namespace nnrt {

bool looksLikeLiteral(const char *text) {
  while (*text == ' ')
    ++text;
  double ignored;
  return *text == '[' || !std::strcmp(text, "true") ||
         !std::strcmp(text, "false") ||
         parseNumber(text, text + std::strlen(text), ignored);
}

namespace {
class LiteralParser {
public:
  LiteralParser(const char *text, Error &error)
      : text(text), at(text), error(error) {}

  bool parse(Tensor &tensor);

private:
  bool fail(const char *what) {
    return error.set("'%.60s': column %d: %s", text, int(at - text) + 1, what);
  }
  void skipBlanks() {
    while (std::isspace((unsigned char)*at))
      ++at;
  }
  bool element();

  const char *text, *at;
  Error &error;
  Array<double> values;
  Array<int64_t> integers;
  bool whole = true, boolean = true, anyBoolean = false;
};
} // namespace

bool LiteralParser::element() {
  const char *start = at;
  while (std::isalnum((unsigned char)*at) || (*at && std::strchr("+-.", *at)))
    ++at;
  int64_t length = at - start;
  bool isTrue = length == 4 && !std::strncmp(start, "true", 4);
  if (isTrue || (length == 5 && !std::strncmp(start, "false", 5))) {
    values.push(isTrue);
    integers.push(isTrue);
    anyBoolean = true;
    return true;
  }
  double value;
  if (!parseNumber(start, at, value)) {
    at = start;
    return fail("a number, true, false or [ is expected");
  }
  values.push(value);
  boolean = false;
  // Integers beyond 2^53 keep all their digits.
  int64_t integer = 0;
  bool negative = *start == '-';
  const char *digit = start + (*start == '-' || *start == '+');
  bool isWhole = true;
  for (; digit != at && isWhole; ++digit)
    isWhole = std::isdigit((unsigned char)*digit) &&
              !__builtin_mul_overflow(integer, int64_t(10), &integer) &&
              !__builtin_sub_overflow(integer, int64_t(*digit - '0'), &integer);
  if (isWhole && !negative)
    isWhole = !__builtin_sub_overflow(int64_t(0), integer, &integer);
  whole &= isWhole;
  integers.push(isWhole ? integer : 0);
  return true;
}

bool LiteralParser::parse(Tensor &tensor) {
  // `sizes[d]` counts the items of the list that is open at depth d;
  // `shape[d]` is what the first list of that depth had, -1 until it closed.
  int64_t sizes[maxRank + 1] = {}, shape[maxRank + 1];
  std::fill_n(shape, maxRank + 1, -1);
  int depth = 0, leaf = -1;
  for (;;) {
    skipBlanks();
    if (*at == '[') {
      if (depth == leaf)
        return fail("a list stands among numbers");
      if (depth == maxRank)
        return fail("brackets are nested too deeply");
      ++at;
      sizes[++depth] = 0;
      skipBlanks();
      if (*at != ']')
        continue;
    } else {
      if (leaf >= 0 && depth != leaf)
        return fail("a number stands among lists");
      leaf = depth;
      if (!element())
        return false;
    }
    // A value has ended, or an empty list stands before its bracket.
    bool emptyList = *at == ']' && depth && sizes[depth] == 0 && leaf != depth;
    for (;;) {
      if (!emptyList)
        ++sizes[depth];
      emptyList = false;
      skipBlanks();
      if (depth && *at == ',') {
        ++at;
        break;
      }
      if (!depth) {
        if (*at)
          return fail("nothing more is expected");
        if (anyBoolean && !boolean)
          return fail("true and false stand among numbers");
        int rank = 0;
        while (rank < maxRank && shape[rank + 1] >= 0)
          ++rank;
        tensor.shape = {};
        tensor.shape.rank = rank;
        std::copy_n(shape + 1, rank, tensor.shape.extents);
        tensor.type = values.empty() ? RawType::F64
                      : boolean      ? RawType::Bool
                      : whole        ? RawType::I64
                                     : RawType::F64;
        if (elementCount(shape + 1, rank) != values.size())
          return fail("rows have different lengths");
        if (!tensor.allocate("a literal", error))
          return false;
        for (int64_t i = 0; i < values.size(); ++i)
          if (boolean)
            static_cast<uint8_t *>(tensor.storage.data())[i] = values[i] != 0;
          else if (whole)
            static_cast<int64_t *>(tensor.storage.data())[i] = integers[i];
          else
            static_cast<double *>(tensor.storage.data())[i] = values[i];
        return true;
      }
      if (*at != ']')
        return fail(*at ? "a comma or ] is expected" : "a ] is missing");
      if (shape[depth] >= 0 && shape[depth] != sizes[depth])
        return fail("this row has another length than the first");
      shape[depth] = sizes[depth];
      ++at;
      --depth;
    }
  }
}

bool parseLiteral(const char *text, Tensor &tensor, Error &error) {
  return LiteralParser(text, error).parse(tensor);
}

/// Takes the suffix that selects examples off `path`.
static bool splitSuffix(Text &path, bool &selected, int64_t &from, int64_t &to,
                        double &divisor, Error &error) {
  selected = false;
  divisor = 1;
  const char *text = path.c_str();
  // A file that has this very name is meant.
  if (access(text, F_OK) == 0)
    return true;
  const char *open = std::strrchr(text, '['), *colon = std::strrchr(text, ':');
  const char *cut = open ? open : colon;
  if (!cut)
    return true;
  char *stop;
  from = std::strtoll(cut + 1, &stop, 10);
  to = from;
  bool valid = stop != cut + 1 && from >= 0;
  if (open && *stop == ':') {
    const char *second = stop + 1;
    to = std::strtoll(second, &stop, 10) - 1;
    valid = valid && stop != second && to >= from;
  }
  if (open) {
    valid = valid && *stop++ == ']';
    if (valid && *stop == '/') {
      valid = parseNumber(stop + 1, text + path.size(), divisor) && divisor;
      stop = const_cast<char *>(text) + path.size();
    }
  }
  if (!valid || *stop)
    return error.set("'%s': a file is followed by [i], [i:j] or [i]/N", text);
  selected = true;
  Text shorter;
  shorter.append(text, cut - text);
  path = std::move(shorter);
  return true;
}

bool readValue(const char *text, Tensor &tensor, bool &reshape, Error &error) {
  reshape = false;
  if (looksLikeLiteral(text))
    return parseLiteral(text, tensor, error);
  Text path(text);
  bool selected;
  int64_t from = 0, to = 0;
  double divisor;
  if (!splitSuffix(path, selected, from, to, divisor, error))
    return false;
  Tensor whole;
  bool isNpy;
  if (!readNpy(path.c_str(), isNpy, whole, error)) {
    if (isNpy)
      return false;
    if (!readIdx(path.c_str(), whole, error))
      return false;
    reshape = true;
  }
  if (!selected) {
    tensor = std::move(whole);
    return true;
  }
  if (whole.shape.rank == 0 || to >= whole.shape.extents[0])
    return error.set("%s: example %" PRId64 " is out of range: there are "
                     "%" PRId64,
                     path.c_str(), to,
                     whole.shape.rank ? whole.shape.extents[0] : 0);
  int64_t example = elementCount(whole.shape.extents + 1, whole.shape.rank - 1);
  tensor.shape = whole.shape;
  tensor.shape.extents[0] = to - from + 1;
  tensor.type = divisor == 1 ? whole.type : RawType::F64;
  if (!tensor.allocate(path.c_str(), error))
    return false;
  int64_t count = tensor.count(), size = rawSize(whole.type);
  const char *source =
      static_cast<const char *>(whole.data) + from * example * size;
  if (divisor == 1)
    std::memcpy(tensor.storage.data(), source, size_t(count * size));
  else
    for (int64_t i = 0; i < count; ++i)
      static_cast<double *>(tensor.storage.data())[i] =
          elementAsDouble(whole.type, source, i) / divisor;
  return true;
}

} // namespace nnrt
