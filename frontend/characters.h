//===- characters.h: how wide a text is -----------------------------------===//
#ifndef NNC_FRONTEND_CHARACTERS_H
#define NNC_FRONTEND_CHARACTERS_H

#include "frontend/source.h"

namespace nnc {

/// How many characters (UTF-8 code points) a text has.
inline unsigned characterCount(std::string_view text) {
  unsigned count = 0;
  for (char each : text)
    count += !isContinuationByte(each);
  return count;
}

} // namespace nnc

#endif // NNC_FRONTEND_CHARACTERS_H
