//===- tools/net_costs.h - A net, its layers and its kernels --------------===//
#ifndef NNC_TOOLS_NET_COSTS_H
#define NNC_TOOLS_NET_COSTS_H

#include "ir/kernel_cost.h"
#include "ir/step_cost.h"
#include "tools/at_sizes.h"
#include "tools/memory_report.h"
#include "tools/roofline.h"

namespace nnc {

/// What `nnc explain` tells of a net; a report tells of its layers alone.
struct NetCosts {
  NetCosts(const NetEntry &net, const Program &program, const Sizes &given);

  const NetEntry &net;
  const Function &function;
  Sizes sizes;
  LayerTable layers;

  struct Compiled {
    std::string how; ///< "-O2 for x86-64-v3"
    Roofline machine;
    std::vector<KernelCost> kernels;
    std::vector<double> measured; ///< `measuredSeconds`, if asked for.
    MemoryReport memory;
  };
  std::optional<Compiled> compiled;

  int64_t value(const Dim &dim) const { return at(dim, sizes).value(); }
};

/// What it tells of a step of training, or of a metric.
struct StepCosts {
  std::string kind; ///< "train" or "metric"
  std::string name;
  const Function &function;
  Sizes sizes;
  MemoryReport memory = {};

  /// Of a step.
  struct Compiled {
    std::string how; ///< "-O2 for x86-64-v3"
    Roofline machine;
    int64_t multiplyAdds; ///< Forward and backward.
    StepTable table;
    std::vector<KernelCost> kernels;
    std::vector<double> measured; ///< `measuredSeconds`, if asked for.
  };
  std::optional<Compiled> compiled = {};
};

} // namespace nnc

#endif // NNC_TOOLS_NET_COSTS_H
