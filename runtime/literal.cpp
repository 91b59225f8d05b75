//===- runtime/literal.cpp ------------------------------------------------===//
#include "runtime/literal.h"
#include "runtime/codec.h"
#include "runtime/csv.h"

#include <algorithm>
#include <cctype>
#include <cinttypes>
#include <cstring>

namespace nnrt {

bool looksLikeLiteral(const char *text) {
  while (*text == ' ')
    ++text;
  double ignored;
  return *text == '[' || *text == '"' || !std::strcmp(text, "true") ||
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

/// The bytes between quotes, where \\n is a line's end and \\c any other c.
static bool parseText(const char *text, Tensor &tensor, Error &error) {
  Text bytes;
  const char *at = text + 1;
  for (; *at && *at != '"'; ++at) {
    if (*at == '\\' && at[1])
      ++at;
    bytes.append(*at == 'n' && at[-1] == '\\' ? "\n" : at, 1);
  }
  if (*at != '"' || at[1])
    return error.set("'%.60s': a text ends with its second \"", text);
  return encode(bytes.c_str(), bytes.size(), tensor, error);
}

bool parseLiteral(const char *text, Tensor &tensor, Error &error) {
  while (*text == ' ')
    ++text;
  if (*text == '"')
    return parseText(text, tensor, error);
  return LiteralParser(text, error).parse(tensor);
}

} // namespace nnrt
