//===- runtime/json.cpp ---------------------------------------------------===//
#include "runtime/json.h"

#include <cstring>

namespace nnrt {

bool JsonReader::fail(const char *what) {
  if (!error)
    error = what;
  at = end; // So that nothing is found there.
  return false;
}

void JsonReader::skipBlanks() {
  while (at != end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
    ++at;
}

bool JsonReader::peek(char c) {
  skipBlanks();
  return at != end && *at == c;
}

bool JsonReader::accept(char c) {
  if (!peek(c))
    return false;
  ++at;
  return true;
}

bool JsonReader::enter(char bracket) {
  if (!accept(bracket))
    return fail(bracket == '{' ? "an object is expected"
                               : "an array is expected");
  fresh = true;
  return true;
}

bool JsonReader::next(char closing) {
  if (failed())
    return false;
  if (accept(closing)) {
    fresh = false;
    return false;
  }
  if (!fresh && !accept(','))
    return fail("a comma or a closing bracket is expected");
  fresh = false;
  return true;
}

bool JsonReader::nextItem() { return next(']'); }

bool JsonReader::nextKey(Text &key) {
  if (!next('}') || !string(key))
    return false;
  return accept(':') || fail("a colon is expected after a key");
}

bool JsonReader::hexadecimal(uint32_t &unit) {
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    if (at == end)
      return fail("a string does not end");
    char c = *at++;
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0)
      return fail("a \\u escape needs four hexadecimal digits");
    unit = unit * 16 + uint32_t(digit);
  }
  return true;
}

static void appendUtf8(Text &text, uint32_t point) {
  char bytes[4];
  int count = 0;
  if (point < 0x80) {
    bytes[count++] = char(point);
  } else if (point < 0x800) {
    bytes[count++] = char(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    bytes[count++] = char(0xE0 | point >> 12);
    bytes[count++] = char(0x80 | (point >> 6 & 63));
  } else {
    bytes[count++] = char(0xF0 | point >> 18);
    bytes[count++] = char(0x80 | (point >> 12 & 63));
    bytes[count++] = char(0x80 | (point >> 6 & 63));
  }
  if (point >= 0x80)
    bytes[count++] = char(0x80 | (point & 63));
  text.append(bytes, count);
}

bool JsonReader::string(Text &value) {
  value.clear();
  if (!accept('"'))
    return fail("a string is expected");
  for (;;) {
    const char *start = at;
    while (at != end && *at != '"' && *at != '\\' && (unsigned char)*at >= 32)
      ++at;
    value.append(start, at - start);
    if (at == end)
      return fail("a string does not end");
    char c = *at++;
    if (c == '"')
      return true;
    if (c != '\\')
      return fail("a string holds a control character");
    if (at == end)
      return fail("a string does not end");
    c = *at++;
    const char *names = "\"\\/bfnrt", *meanings = "\"\\/\b\f\n\r\t";
    if (const char *found = c ? std::strchr(names, c) : nullptr) {
      value.append(meanings + (found - names), 1);
      continue;
    }
    uint32_t unit, low;
    if (c != 'u')
      return fail("a string holds an unknown escape");
    if (!hexadecimal(unit))
      return false;
    if (unit >= 0xD800 && unit < 0xDC00) {
      if (end - at < 2 || at[0] != '\\' || at[1] != 'u')
        return fail("a string holds half a surrogate pair");
      at += 2;
      if (!hexadecimal(low))
        return false;
      if (low < 0xDC00 || low >= 0xE000)
        return fail("a string holds half a surrogate pair");
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else if (unit >= 0xDC00 && unit < 0xE000) {
      return fail("a string holds half a surrogate pair");
    }
    if (unit == 0)
      return fail("a string holds a zero character");
    appendUtf8(value, unit);
  }
}

bool JsonReader::integer(int64_t &value) {
  skipBlanks();
  const char *start = at;
  value = 0;
  for (; at != end && *at >= '0' && *at <= '9'; ++at)
    if (__builtin_mul_overflow(value, int64_t(10), &value) ||
        __builtin_add_overflow(value, int64_t(*at - '0'), &value))
      return fail("a number is too large");
  if (at == start)
    return fail("a non-negative whole number is expected");
  return true;
}

bool JsonReader::skip() {
  // One bit for each level: whether it is an object.
  uint64_t objects = 0;
  int depth = 0;
  Text text;
  do {
    if (peek('{') || peek('[')) {
      if (depth == 64)
        return fail("values are nested too deeply");
      bool object = *at++ == '{';
      objects = objects << 1 | object;
      ++depth;
      fresh = true;
    } else if (peek('"')) {
      if (!string(text))
        return false;
    } else {
      skipBlanks();
      const char *start = at;
      while (at != end && *at && std::strchr("+-.0123456789eEtrufalsn", *at))
        ++at;
      if (at == start)
        return fail("a value is expected");
    }
    // Close what ends here, then stand before the next value, if any.
    while (depth && !(objects & 1 ? nextKey(text) : nextItem())) {
      if (failed())
        return false;
      objects >>= 1;
      --depth;
    }
  } while (depth);
  return true;
}

bool JsonReader::finish() {
  if (failed())
    return false;
  skipBlanks();
  return at == end || fail("something follows the last value");
}

void appendJsonString(Text &json, const char *string) {
  json.append("\"");
  for (const char *c = string; *c; ++c)
    if (*c == '"' || *c == '\\')
      json.format("\\%c", *c);
    else if ((unsigned char)*c < ' ' || *c == '<')
      json.format("\\u%04x", unsigned(*c));
    else
      json.append(c, 1);
  json.append("\"");
}

} // namespace nnrt
