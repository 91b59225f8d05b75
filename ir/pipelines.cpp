//===- Every pipeline, as a plain list ------------------------------------===//
#include "ir/check.h"
#include "ir/pass.h"

namespace nnc {

static constexpr std::string_view names[] = {"grad", "opt", "text", "kernels",
                                             "loops"};

std::span<const std::string_view> pipelineNames() { return names; }

std::vector<const Pass *> pipeline(std::string_view name, int level) {
  std::vector<std::string_view> passes;
  if (name == "grad" && level == 0)
    passes = {"differentiate", "dead-code"};
  else if (name == "grad")
    // A derivative divides by the sums that `stabilise` keeps from overflowing.
    passes = {"stabilise",      "split-products", "hoist-from-loops",
              "merge-products", "reassociate",    "differentiate",
              "dead-code"};
  else if (name == "opt" && level == 0)
    passes = {"dead-code", "recompute"};
  else if (name == "opt")
    // Merging shows new simplifications (x - x, select(c, x, x)); simplifying
    // gives new equals.
    passes = {"canonicalise", "constant-folding", "cse", "assume-finite",
              "fold-frozen",
              // What is left beside layers: a batch norm that is not frozen.
              "quotients-to-factors", "convolutions-to-products",
              "canonicalise", "cse",
              // The frozen weights of a 1x1 convolution as a matrix.
              "constant-folding", "merge-products", "constant-folding",
              "sink-from-loops", "reassociate", "constant-folding",
              "canonicalise", "cse", "dead-code", "recompute-scores",
              // Last: it measures what the others leave.
              "recompute"};
  else if (name == "text")
    // For emit --as=nn, beside the way to a program: what makes a program fast
    // would not read well.
    passes = {"canonicalise", "constant-folding", "cse", "rephrase",
              "cse",          "dead-code"};
  else if (name == "kernels" && level == 0)
    passes = {"lower-to-nests", "fuse-kernels", "schedule-kernels"};
  else if (name == "kernels")
    // What is computed where it is used may be used twice there.
    passes = {"winograd", "lower-to-nests", "compose-nests", "cse", "dead-code",
              // Before each product is turned by itself.
              "images-to-lanes", "transpose-products", "fuse-kernels",
              "merge-nests", "schedule-kernels"};
  else if (name == "loops" && level == 0)
    passes = {"lower-to-loops", "dead-code"};
  else if (name == "loops")
    passes = {"lower-to-loops", "dead-code", "run-alone"};
  std::vector<const Pass *> result;
  for (std::string_view pass : passes) {
    check(findPass(pass), "a pipeline names a pass that there is not");
    result.push_back(findPass(pass));
  }
  return result;
}

} // namespace nnc
