//===- tools/uncaught.h - Exceptions that nobody catches ------------------===//
#ifndef NNC_TOOLS_UNCAUGHT_H
#define NNC_TOOLS_UNCAUGHT_H

#include "ir/check.h"

#include <exception>

namespace nnc {

/// Makes an uncaught exception an internal error (exit 70). ANTLR's and
/// CLI11's are caught where they arise.
inline void treatExceptionsAsInternalErrors() {
  std::set_terminate([] { internalError("an exception that nobody caught"); });
}

} // namespace nnc

#endif // NNC_TOOLS_UNCAUGHT_H
