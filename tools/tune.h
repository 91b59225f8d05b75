//===- tools/tune.h - nnc build --tune ------------------------------------===//
#ifndef NNC_TOOLS_TUNE_H
#define NNC_TOOLS_TUNE_H

#include "codegen/target.h"
#include "ir/kernels/tuning.h"
#include "ir/program.h"

namespace nnc {

/// What `measureKernels` found.
struct Measured {
  int kernels = 0;
  int changed = 0; ///< Of these, the ones that have not the model's schedule.
};

/// Measures on this machine, which has to run `target`, the schedules of the
/// kernels with products that `tuning` does not know, each by itself, on one
/// thread and made-up data, and adds the best. The functions of `program` are
/// graphs. Kernels of tests, in loops and of little work are left out.
Measured measureKernels(const Program &program, const Target &target, int level,
                        Tuning &tuning);

/// Where `nnc --tune` keeps the table if no file is named: beside the program.
std::string tuningPath(const std::string &program);

} // namespace nnc

#endif // NNC_TOOLS_TUNE_H
