//===- tools/measured_kernels.h - nnc explain --measure -------------------===//
#ifndef NNC_TOOLS_MEASURED_KERNELS_H
#define NNC_TOOLS_MEASURED_KERNELS_H

#include "codegen/target.h"
#include "ir/kernel_cost.h"
#include "tools/at_sizes.h"

namespace nnc {

/// What each kernel of a function takes on this machine, which has to run
/// `target`, in all its turns: each by itself, on one thread and made-up data,
/// which is in the caches as far as it fits. Loops, and kernels without
/// elements or too large for the machine, take 0.
std::vector<double> measuredSeconds(const std::vector<KernelCost> &kernels,
                                    const Function &function,
                                    const Sizes &sizes, const Target &target,
                                    int level);

} // namespace nnc

#endif // NNC_TOOLS_MEASURED_KERNELS_H
