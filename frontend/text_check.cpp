#include "frontend/text_check.h"

namespace nnc {

/// The length of the UTF-8 character at `i`, or 0 if there is none: Unicode
/// 15.0, table 3-7, which leaves out overlong forms and surrogates.
static size_t utf8Length(const std::string &text, size_t i) {
  auto at = [&](size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
  };
  unsigned a = at(i), b = at(i + 1);
  size_t length = a < 0x80                 ? 1
                  : a >= 0xC2 && a <= 0xDF ? 2
                  : a >= 0xE0 && a <= 0xEF ? 3
                  : a >= 0xF0 && a <= 0xF4 ? 4
                                           : 0;
  for (size_t k = 1; k < length; ++k)
    if ((at(i + k) & 0xC0) != 0x80)
      return 0;
  bool excluded = (a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F) ||
                  (a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F);
  return excluded ? 0 : length;
}

bool checkText(const SourceManager &sources, uint32_t fileId,
               DiagnosticSink &sink) {
  const std::string &text = sources.file(fileId).text();
  if (text.size() > SourceManager::maxText) {
    sink.unsupported({fileId, 0}, "the file is larger than 256 MiB");
    return false;
  }
  for (size_t i = 0; i < text.size();) {
    Loc here{fileId, static_cast<uint32_t>(i)};
    size_t length = utf8Length(text, i);
    if (length == 0) {
      sink.error(here, "the file is not UTF-8 text: it has an invalid byte "
                       "here");
      return false;
    }
    if (text[i] == '\0') {
      sink.error(here, "the file is not text: it has a zero byte here");
      return false;
    }
    i += length;
  }
  return true;
}

} // namespace nnc
