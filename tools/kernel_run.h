//===- tools/kernel_run.h - One kernel, run by itself ---------------------===//
#ifndef NNC_TOOLS_KERNEL_RUN_H
#define NNC_TOOLS_KERNEL_RUN_H

#include "codegen/loaded_function.h"
#include "ir/interpreter.h"

#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace nnc {

/// Zeros, aligned as the runtime's buffers are.
class Buffer {
public:
  explicit Buffer(int64_t bytes);

  size_t bytes;
  char *data;

private:
  std::vector<char> memory;
};

/// A function that is only this kernel of `function`; what it reads are
/// arguments.
std::unique_ptr<Function> functionOf(const Op &kernel,
                                     const Function &function);

/// The kernel of a function that is nothing else.
Op &kernelOf(const Function &function);

/// Whether all that a kernel reads and writes has elements, T - 100 has none
/// for some T, and fits into half of this machine's memory.
bool canRun(const Op &kernel, const DimBinding &sizes);

/// What such a function reads: floats in [-0.5, 0.5); integers are 0, an index
/// that is always in range.
std::vector<Buffer> madeUpInputs(const Function &alone,
                                 const DimBinding &sizes);

/// Such a function as code in memory, and all that it runs on.
class KernelRun {
public:
  /// Runs it until what it keeps from run to run is there. The inputs are the
  /// caller's, to be shared; a symbol that `sizes` lacks is the turn of a loop,
  /// and 0.
  KernelRun(const Function &alone, const Target &target, int level,
            const DimBinding &sizes, const std::vector<Buffer> &inputs);

  /// Milliseconds of a run on one thread, the mean of `runs`.
  double time(int64_t runs) const;
  bool givesSame(const KernelRun &other) const;

  /// Of a run in the fastest round of `measure`.
  double ms = std::numeric_limits<double>::infinity();

private:
  std::unique_ptr<LoadedFunction> code;
  std::vector<Buffer> buffers; ///< Beside the inputs.
  std::vector<size_t> results; ///< Of these.
  std::vector<void *> pointers;
  std::vector<int64_t> sizes;
  Buffer scratch{0};
};

/// Takes the time in rounds in which each has its turn, so that a disturbance
/// meets all.
void measure(std::span<KernelRun *const> kernels);

} // namespace nnc

#endif // NNC_TOOLS_KERNEL_RUN_H
