#include "tools/kernel_run.h"

#include "codegen/compile.h"
#include "ir/check.h"
#include "ir/kernels/kept.h"
#include "ir/kernels/product_tiles.h"
#include "tools/linked_symbols.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <unistd.h>

namespace nnc {

static constexpr size_t alignment = 64;

Buffer::Buffer(int64_t count)
    : bytes(static_cast<size_t>(count)), memory(bytes + alignment) {
  void *place = memory.data();
  size_t space = memory.size();
  data = static_cast<char *>(std::align(alignment, bytes, place, space));
}

std::unique_ptr<Function> functionOf(const Op &kernel,
                                     const Function &function) {
  auto made = std::make_unique<Function>();
  made->name = "kernel";
  ValueMap map;
  Builder builder(made->body);
  // What is packed of weights may be kept, as in the whole function.
  const Value *weights = nullptr;
  if (Op *product = tiledProduct(kernel); product && leavesWeights(function)) {
    const Value *b = product->operand(ContractionRoles(Nest(product)).b);
    if (!b->definingOp())
      weights = kernel.operand(b->index());
  }
  for (Value *operand : kernel.operands()) {
    if (map.knows(operand))
      continue;
    const Op *op = operand->definingOp();
    if (op && op->is("constant")) {
      builder.clone(*op, map);
      continue;
    }
    AttrDict attrs;
    if (operand == weights && operand->owner() == &function.body)
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

Op &kernelOf(const Function &function) {
  for (const auto &op : function.body.operations())
    if (op->is("kernel"))
      return *op;
  internalError("a function without a kernel is run as one");
}

static int64_t bytesOf(const Type &type, const DimBinding &sizes) {
  return Tensor::count(evaluateShape(type.shape(), sizes)) *
         elemBytes(type.elem());
}

bool canRun(const Op &kernel, const DimBinding &sizes) {
  std::vector<Type> types = kernel.resultTypes();
  for (const Value *value : kernel.operands())
    types.push_back(value->type());
  int64_t left = sysconf(_SC_PHYS_PAGES) / 2 * sysconf(_SC_PAGESIZE);
  return std::ranges::all_of(types, [&](const Type &type) {
    double bytes = elemBytes(type.elem());
    for (int64_t extent : evaluateShape(type.shape(), sizes))
      bytes *= static_cast<double>(std::max<int64_t>(extent, 0));
    if (bytes <= 0 || bytes > static_cast<double>(left))
      return false;
    left -= static_cast<int64_t>(bytes);
    return true;
  });
}

template <typename T> static void fill(Buffer &buffer, uint32_t seed) {
  for (size_t i = 0; i < buffer.bytes / sizeof(T); ++i) {
    seed = seed * 1664525 + 1013904223;
    T element = static_cast<T>(seed >> 8) / (1 << 24) - static_cast<T>(0.5);
    std::memcpy(buffer.data + i * sizeof(T), &element, sizeof(T));
  }
}

std::vector<Buffer> madeUpInputs(const Function &alone,
                                 const DimBinding &sizes) {
  std::vector<Buffer> inputs;
  for (int64_t i = 0; i < alone.body.argumentCount(); ++i) {
    const Type &type = alone.body.argument(i)->type();
    Buffer &buffer = inputs.emplace_back(bytesOf(type, sizes));
    if (type.elem() == Elem::F32)
      fill<float>(buffer, static_cast<uint32_t>(i));
    else if (type.elem() == Elem::F64)
      fill<double>(buffer, static_cast<uint32_t>(i));
  }
  return inputs;
}

KernelRun::KernelRun(const Function &alone, const Target &target, int level,
                     const DimBinding &dims,
                     const std::vector<Buffer> &inputs) {
  std::unique_ptr<Function> lowered = cloneFunction(alone);
  std::optional<PassError> error =
      runPasses(*lowered, pipeline("loops", level), contextFor(target, level));
  check(!error, "a kernel by itself is not lowered");
  code = std::make_unique<LoadedFunction>(*lowered, target, level,
                                          linkedSymbols());
  for (const std::string &name : code->dims) {
    auto known = dims.find(name);
    sizes.push_back(name == runsSymbol    ? 0
                    : known != dims.end() ? known->second
                                          : 0);
  }
  for (int64_t i = 0; i < lowered->body.argumentCount(); ++i) {
    if (i < static_cast<int64_t>(inputs.size())) {
      pointers.push_back(inputs[i].data);
      continue;
    }
    if (lowered->argAttrs[i].find("result"))
      results.push_back(buffers.size());
    buffers.emplace_back(bytesOf(lowered->body.argument(i)->type(), dims));
    pointers.push_back(buffers.back().data);
  }
  scratch = Buffer(evaluateDim(lowered->attrs.find("scratch")->asDim(), dims));
  time(1);
  if (!code->dims.empty() && code->dims.back() == runsSymbol) {
    sizes.back() = 1;
    time(1);
    sizes.back() = 2;
  }
}

double KernelRun::time(int64_t runs) const {
  auto begin = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < runs; ++i)
    code->run(pointers.data(), sizes.data(), scratch.data);
  std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - begin;
  return taken.count() / static_cast<double>(runs);
}

bool KernelRun::givesSame(const KernelRun &other) const {
  for (size_t i = 0; i < results.size(); ++i) {
    const Buffer &a = buffers[results[i]], &b = other.buffers[other.results[i]];
    if (std::memcmp(a.data, b.data, a.bytes) != 0)
      return false;
  }
  return true;
}

void measure(std::span<KernelRun *const> kernels) {
  constexpr double msInRound = 3;
  constexpr int rounds = 7;
  for (KernelRun *each : kernels)
    each->ms = std::numeric_limits<double>::infinity();
  for (int round = 0; round < rounds; ++round)
    for (KernelRun *each : kernels) {
      double once = std::min(each->ms, each->time(1));
      auto runs = static_cast<int64_t>(msInRound / std::max(once, 1e-3));
      each->ms = std::min(once, each->time(std::max<int64_t>(runs, 1)));
    }
}

} // namespace nnc
