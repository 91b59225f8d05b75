//===- format.h: the one layout of a program ------------------------------===//
#ifndef NNC_FRONTEND_FORMAT_H
#define NNC_FRONTEND_FORMAT_H

#include "frontend/diagnostic.h"

#include <optional>
#include <string>

namespace nnc {

/// A file of `sources` in the standard layout; nothing if it does not parse,
/// which is then in `sink`. Only white space changes, and `;` between
/// statements goes. Formatting the result changes nothing.
std::optional<std::string> formatFile(const SourceManager &sources,
                                      uint32_t fileId, DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_FORMAT_H
