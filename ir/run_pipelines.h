//===- ir/run_pipelines.h - Passes over all functions of a module ---------===//
#ifndef NNC_IR_RUN_PIPELINES_H
#define NNC_IR_RUN_PIPELINES_H

#include "ir/pass.h"

namespace nnc {

/// Takes every function of the module through pipelines, in order. Functions
/// know nothing of one another: several are worked on at a time, unless the
/// observer watches or the log limits how many rewrites there may be. What the
/// log keeps and which error is given are as if one came after the other.
std::optional<PassError> runPipelines(Module &module,
                                      std::span<const std::string_view> names,
                                      const PassContext &context,
                                      const PassObserver &observer = {});

} // namespace nnc

#endif // NNC_IR_RUN_PIPELINES_H
