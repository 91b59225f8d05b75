#include "tools/tune.h"

#include "codegen/compile.h"
#include "ir/check.h"
#include "ir/kernels/product_columns.h"
#include "tools/kernel_run.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace nnc {

namespace {
/// One way to compute a kernel.
struct Candidate {
  ProductTiles tiles;
  KernelRun run;
};
} // namespace

static Candidate candidate(const Function &alone, const ProductTiles &tiles,
                           const Target &target, int level,
                           const DimBinding &sizes,
                           const std::vector<Buffer> &inputs) {
  std::unique_ptr<Function> copy = cloneFunction(alone);
  setTiles(kernelOf(*copy), tiles);
  return {tiles, KernelRun(*copy, target, level, sizes, inputs)};
}

/// The multiply-adds of the kernel's first product.
static double workOf(const Op &kernel, const DimBinding &sizes) {
  Nest nest(tiledProduct(kernel));
  double work = 1;
  for (const std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
    for (const NestAxis &axis : *list)
      work *= static_cast<double>(evaluateDim(axis.extent, sizes));
  return work;
}

/// The expected sizes; with a smaller batch, whose turns are of the same kind,
/// if the kernel would take long. Nothing if it has no elements then.
static std::optional<DimBinding> sizesFor(const Function &function,
                                          const Op &kernel) {
  constexpr double enoughWork = 1 << 28;
  AttrDict expected = expectedSizes(function);
  DimBinding sizes;
  for (const std::string &symbol : function.dimSymbols())
    sizes[symbol] = estimate(Dim::symbol(symbol), expected);
  if (!canRun(kernel, sizes))
    return std::nullopt;
  while (workOf(kernel, sizes) > enoughWork) {
    DimBinding smaller = sizes;
    for (auto &[symbol, size] : smaller)
      size = (size + 1) / 2;
    if (smaller == sizes || !canRun(kernel, smaller))
      break;
    sizes = std::move(smaller);
  }
  return sizes;
}

/// The best of some schedules, of which the model's is the first.
static TunedKernel tune(const Op &kernel, const Function &function,
                        const DimBinding &sizes,
                        const std::vector<ProductTiles> &toTry,
                        const Target &target, int level) {
  std::unique_ptr<Function> made = functionOf(kernel, function);
  std::vector<Buffer> inputs = madeUpInputs(*made, sizes);
  std::vector<Candidate> candidates;
  for (const ProductTiles &tiles : toTry)
    candidates.push_back(candidate(*made, tiles, target, level, sizes, inputs));
  std::vector<KernelRun *> all;
  for (Candidate &each : candidates) {
    check(each.run.givesSame(candidates[0].run), "a schedule changes results");
    all.push_back(&each.run);
  }
  measure(all);
  const Candidate &model = candidates[0];
  const Candidate &best = *std::ranges::min_element(
      candidates, {}, [](const Candidate &each) { return each.run.ms; });
  // What is only a little faster, or only once, may be noise.
  constexpr double clearly = 0.97;
  auto isClearlyBest = [&] { return best.run.ms <= clearly * model.run.ms; };
  if (!isClearlyBest())
    return {model.tiles, model.run.ms, model.run.ms};
  KernelRun *finalists[] = {all[0], all[&best - &model]};
  measure(finalists);
  const Candidate &chosen = isClearlyBest() ? best : model;
  return {chosen.tiles, chosen.run.ms, model.run.ms};
}

Measured measureKernels(const Program &program, const Target &target, int level,
                        Tuning &tuning) {
  constexpr double littleWork = 1 << 15;
  Measured result;
  Program copy = cloneProgram(program);
  PassContext context = contextFor(target, level);
  // What is wrong is said when the program itself is lowered.
  if (lowerModule(copy.module, context, 1))
    return result;
  std::set<std::string> tests;
  for (const TestEntry &test : program.tests)
    tests.insert(test.function);
  for (const auto &function : copy.module.functions) {
    if (tests.contains(function->name))
      continue;
    AttrDict expected = expectedSizes(*function);
    for (const auto &op : function->body.operations()) {
      if (!op->is("kernel") || !tiledProduct(*op))
        continue;
      std::optional<DimBinding> sizes = sizesFor(*function, *op);
      if (!sizes || workOf(*op, *sizes) < littleWork)
        continue;
      std::string key = kernelKey(*op, *function, context.machine);
      auto known = tuning.kernels.find(key);
      if (known != tuning.kernels.end() &&
          whyUnfit(*op, known->second.tiles, context.machine, expected).empty())
        continue;
      std::vector<ProductTiles> toTry =
          tilesToTry(*op, context.machine, expected);
      if (toTry.size() == 1)
        continue;
      TunedKernel kernel = tune(*op, *function, *sizes, toTry, target, level);
      ++result.kernels;
      result.changed += kernel.tiles != tilesOf(*op);
      tuning.kernels[key] = std::move(kernel);
    }
  }
  return result;
}

std::string tuningPath(const std::string &program) {
  return std::filesystem::path(program).replace_extension(".tune").string();
}

} // namespace nnc
