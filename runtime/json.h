//===- runtime/json.h - Reads and writes JSON -----------------------------===//
#ifndef NNRT_JSON_H
#define NNRT_JSON_H

#include "runtime/text.h"

namespace nnrt {

/// Walks a JSON text without building a tree. After a mistake `failed` is
/// true, `problem` says what it was, and every further call returns false.
class JsonReader {
public:
  JsonReader(const char *begin, const char *end) : at(begin), end(end) {}

  /// An object is `enterObject`, then `nextKey` with a value read after each
  /// true, until it is false. An array likewise.
  bool enterObject() { return enter('{'); }
  bool nextKey(Text &key);
  bool enterArray() { return enter('['); }
  bool nextItem();
  bool string(Text &value);
  /// A non-negative whole number that fits.
  bool integer(int64_t &value);
  /// Any value, at most 64 levels deep.
  bool skip();
  /// Nothing but blanks may follow.
  bool finish();

  bool failed() const { return error != nullptr; }
  const char *problem() const { return error; }

private:
  bool fail(const char *what);
  bool enter(char bracket);
  bool next(char closing);
  bool accept(char c);
  bool peek(char c);
  void skipBlanks();
  bool hexadecimal(uint32_t &unit);

  const char *at, *end;
  const char *error = nullptr;
  bool fresh = false; ///< Just after an opening bracket.
};

/// Appends a string with its quotes. `<` is escaped, so that the text may stand
/// in a page.
void appendJsonString(Text &json, const char *string);

} // namespace nnrt

#endif // NNRT_JSON_H
