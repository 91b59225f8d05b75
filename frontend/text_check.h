//===- text_check.h: what every file must be before it is parsed ----------===//
#ifndef NNC_FRONTEND_TEXT_CHECK_H
#define NNC_FRONTEND_TEXT_CHECK_H

#include "frontend/diagnostic.h"

namespace nnc {

/// Whether the file is UTF-8 text without NUL; if not, `sink` says where.
bool checkText(const SourceManager &sources, uint32_t fileId,
               DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_TEXT_CHECK_H
