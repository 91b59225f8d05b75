//===- verify_sizes.h: no size is more than can be had --------------------===//
#ifndef NNC_FRONTEND_VERIFY_SIZES_H
#define NNC_FRONTEND_VERIFY_SIZES_H

#include "frontend/diagnostic.h"
#include "ir/op.h"

namespace nnc {

/// Verifies what elaboration made. Sizes are checked here, where all of them
/// are known: reports the first tensor that no machine holds, or with an axis
/// whose end no index reaches, and gives false.
bool verifySizes(const Module &module, const SourceManager &sources,
                 DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_VERIFY_SIZES_H
