#include "tools/tune.h"

#include "codegen/compile.h"
#include "codegen/loaded_function.h"
#include "ir/check.h"
#include "ir/interpreter.h"
#include "ir/kernels/kept.h"
#include "ir/kernels/product_columns.h"
#include "tools/linked_symbols.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>
#include <span>

namespace nnc {

namespace {

/// Zeros, aligned as the runtime's buffers are.
class Buffer {
public:
  explicit Buffer(int64_t count)
      : bytes(static_cast<size_t>(count)), memory(bytes + alignment) {
    void *place = memory.data();
    size_t space = memory.size();
    data = static_cast<char *>(std::align(alignment, bytes, place, space));
  }

  size_t bytes;
  char *data;

private:
  static constexpr size_t alignment = 64;
  std::vector<char> memory;
};

/// Floats in [-0.5, 0.5); integers are 0, an index that is always in range.
template <typename T> void fill(Buffer &buffer, uint32_t seed) {
  for (size_t i = 0; i < buffer.bytes / sizeof(T); ++i) {
    seed = seed * 1664525 + 1013904223;
    T element = static_cast<T>(seed >> 8) / (1 << 24) - static_cast<T>(0.5);
    std::memcpy(buffer.data + i * sizeof(T), &element, sizeof(T));
  }
}

/// One way to compute a kernel.
class Candidate {
public:
  Candidate(const Function &kernel, const ProductTiles &tiles,
            const Target &target, int level, const DimBinding &sizes,
            std::vector<Buffer> &inputs);

  /// Milliseconds of a run, the mean of `runs`.
  double time(int64_t runs) const;
  bool givesSame(const Candidate &other) const;

  ProductTiles tiles;
  double ms = std::numeric_limits<double>::infinity();

private:
  std::unique_ptr<LoadedFunction> code;
  std::vector<Buffer> buffers; ///< Beside the inputs.
  std::vector<size_t> results; ///< Of these.
  std::vector<void *> pointers;
  std::vector<int64_t> sizes;
  Buffer scratch{0};
};

} // namespace

/// The kernel of a function that is nothing else.
static Op &kernelOf(const Function &function) {
  for (const auto &op : function.body.operations())
    if (op->is("kernel"))
      return *op;
  internalError("a function without a kernel is tuned");
}

Candidate::Candidate(const Function &kernel, const ProductTiles &tiles,
                     const Target &target, int level, const DimBinding &dims,
                     std::vector<Buffer> &inputs)
    : tiles(tiles) {
  std::unique_ptr<Function> lowered = cloneFunction(kernel);
  setTiles(kernelOf(*lowered), tiles);
  std::optional<PassError> error =
      runPasses(*lowered, pipeline("loops", level), contextFor(target, level));
  check(!error, "a kernel with another schedule is not lowered");
  code = std::make_unique<LoadedFunction>(*lowered, target, level,
                                          linkedSymbols());
  for (const std::string &name : code->dims)
    sizes.push_back(name == freshSymbol ? 1 : dims.at(name));
  for (int64_t i = 0; i < lowered->body.argumentCount(); ++i) {
    if (i < static_cast<int64_t>(inputs.size())) {
      pointers.push_back(inputs[i].data);
      continue;
    }
    const Type &type = lowered->body.argument(i)->type();
    if (lowered->argAttrs[i].find("result"))
      results.push_back(buffers.size());
    buffers.emplace_back(Tensor::count(evaluateShape(type.shape(), dims)) *
                         elemBytes(type.elem()));
    pointers.push_back(buffers.back().data);
  }
  scratch = Buffer(evaluateDim(lowered->attrs.find("scratch")->asDim(), dims));
  time(1);
  // What is kept is there from now on.
  if (!code->dims.empty() && code->dims.back() == freshSymbol)
    sizes.back() = 0;
}

double Candidate::time(int64_t runs) const {
  auto begin = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < runs; ++i)
    code->run(pointers.data(), sizes.data(), scratch.data);
  std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - begin;
  return taken.count() / static_cast<double>(runs);
}

bool Candidate::givesSame(const Candidate &other) const {
  for (size_t i = 0; i < results.size(); ++i) {
    const Buffer &a = buffers[results[i]], &b = other.buffers[other.results[i]];
    if (std::memcmp(a.data, b.data, a.bytes) != 0)
      return false;
  }
  return true;
}

/// A function that is only this kernel; what it reads are arguments.
static std::unique_ptr<Function> alone(const Op &kernel,
                                       const Function &function) {
  auto made = std::make_unique<Function>();
  made->name = "kernel";
  ValueMap map;
  Builder builder(made->body);
  Nest product(tiledProduct(kernel));
  const Value *inside = product.op->operand(ContractionRoles(product).b);
  const Value *b =
      inside->definingOp() ? nullptr : kernel.operand(inside->index());
  bool keeps = b && leavesWeights(function);
  for (Value *operand : kernel.operands()) {
    if (map.knows(operand))
      continue;
    const Op *op = operand->definingOp();
    if (op && op->is("constant")) {
      builder.clone(*op, map);
      continue;
    }
    AttrDict attrs;
    if (keeps && operand == b && b->owner() == &function.body)
      attrs = function.argAttrs[static_cast<size_t>(operand->index())];
    map.set(operand, made->addArgument(operand->type(), "", attrs));
  }
  Op *copy = builder.clone(kernel, map);
  std::vector<Value *> results;
  for (int64_t i = 0; i < copy->resultCount(); ++i)
    results.push_back(copy->result(i));
  builder.create("return", std::span<Value *const>(results));
  made->resultAttrs.resize(results.size());
  return made;
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

/// Whether all that the kernel reads and writes has elements: T - 100 has none
/// for the size that is taken for T.
static bool hasElements(const Op &kernel, const DimBinding &sizes) {
  auto isThere = [&](const Type &type) {
    return std::ranges::all_of(type.shape(), [&](const Dim &extent) {
      return evaluateDim(extent, sizes) > 0;
    });
  };
  return std::ranges::all_of(
             kernel.operands(),
             [&](const Value *value) { return isThere(value->type()); }) &&
         std::ranges::all_of(kernel.resultTypes(), isThere);
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
  if (!hasElements(kernel, sizes))
    return std::nullopt;
  while (workOf(kernel, sizes) > enoughWork) {
    DimBinding smaller = sizes;
    for (auto &[symbol, size] : smaller)
      size = (size + 1) / 2;
    if (smaller == sizes || !hasElements(kernel, smaller))
      break;
    sizes = std::move(smaller);
  }
  return sizes;
}

/// Rounds in which each candidate has its turn, so that a disturbance meets
/// all; the fastest round counts.
static void measure(std::span<Candidate *const> candidates) {
  constexpr double msInRound = 3;
  constexpr int rounds = 7;
  for (Candidate *each : candidates)
    each->ms = std::numeric_limits<double>::infinity();
  for (int round = 0; round < rounds; ++round)
    for (Candidate *each : candidates) {
      double once = std::min(each->ms, each->time(1));
      auto runs = static_cast<int64_t>(msInRound / std::max(once, 1e-3));
      each->ms = std::min(once, each->time(std::max<int64_t>(runs, 1)));
    }
}

/// The best of some schedules, of which the model's is the first.
static TunedKernel tune(const Op &kernel, const Function &function,
                        const DimBinding &sizes,
                        const std::vector<ProductTiles> &toTry,
                        const Target &target, int level) {
  std::unique_ptr<Function> made = alone(kernel, function);
  std::vector<Buffer> inputs;
  for (int64_t i = 0; i < made->body.argumentCount(); ++i) {
    const Type &type = made->body.argument(i)->type();
    Buffer &buffer =
        inputs.emplace_back(Tensor::count(evaluateShape(type.shape(), sizes)) *
                            elemBytes(type.elem()));
    if (type.elem() == Elem::F32)
      fill<float>(buffer, static_cast<uint32_t>(i));
    else if (type.elem() == Elem::F64)
      fill<double>(buffer, static_cast<uint32_t>(i));
  }
  std::vector<Candidate> candidates;
  for (const ProductTiles &tiles : toTry)
    candidates.emplace_back(*made, tiles, target, level, sizes, inputs);
  std::vector<Candidate *> all;
  for (Candidate &each : candidates) {
    check(each.givesSame(candidates[0]), "a schedule changes results");
    all.push_back(&each);
  }
  measure(all);
  Candidate &model = candidates[0];
  Candidate &best = *std::ranges::min_element(candidates, {}, &Candidate::ms);
  // What is only a little faster, or only once, may be noise.
  constexpr double clearly = 0.97;
  if (&best == &model || best.ms > clearly * model.ms)
    return {model.tiles, model.ms, model.ms};
  Candidate *finalists[] = {&model, &best};
  measure(finalists);
  const Candidate &chosen = best.ms > clearly * model.ms ? model : best;
  return {chosen.tiles, chosen.ms, model.ms};
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
