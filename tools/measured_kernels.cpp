#include "tools/measured_kernels.h"

#include "tools/kernel_run.h"

namespace nnc {

static double secondsOf(const Op &kernel, const Function &function,
                        const DimBinding &sizes, const Target &target,
                        int level) {
  std::unique_ptr<Function> alone = functionOf(kernel, function);
  std::vector<Buffer> inputs = madeUpInputs(*alone, sizes);
  KernelRun run(*alone, target, level, sizes, inputs);
  KernelRun *all[] = {&run};
  measure(all);
  return run.ms / 1e3;
}

std::vector<double> measuredSeconds(const std::vector<KernelCost> &kernels,
                                    const Function &function,
                                    const Sizes &sizes, const Target &target,
                                    int level) {
  DimBinding binding;
  for (const std::string &symbol : function.dimSymbols())
    binding[symbol] = at(Dim::symbol(symbol), sizes).value();
  std::vector<double> seconds;
  for (const KernelCost &kernel : kernels) {
    bool runs = !kernel.isLoop && canRun(*kernel.op, binding);
    double once =
        runs ? secondsOf(*kernel.op, function, binding, target, level) : 0;
    seconds.push_back(once *
                      static_cast<double>(at(kernel.times, sizes).value()));
  }
  return seconds;
}

} // namespace nnc
