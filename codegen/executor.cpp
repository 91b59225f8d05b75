#include "codegen/executor.h"

#include "codegen/compile.h"
#include "codegen/loaded_function.h"
#include "ir/builder.h"
#include "ir/check.h"
#include "ir/interpreter.h"
#include "ir/memory_use.h"
#include "ir/verifier.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>

namespace nnc {

namespace {

constexpr size_t pageSize = 4096;

/// Memory whose end, but for alignment to 64 bytes, is a protected page.
class GuardedBuffer {
public:
  explicit GuardedBuffer(int64_t bytes) {
    size_t padded = (static_cast<size_t>(bytes) + 63) / 64 * 64;
    size_t pages = (padded + pageSize - 1) / pageSize + 1;
    length = pages * pageSize;
    base = static_cast<char *>(mmap(nullptr, length, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    check(base != MAP_FAILED, "memory for a compiled function's buffers");
    // What is read before it is written should not pass for a result.
    std::memset(base, 0xff, length - pageSize);
    mprotect(base + length - pageSize, pageSize, PROT_NONE);
    data = base + length - pageSize - padded;
  }
  ~GuardedBuffer() {
    if (base)
      munmap(base, length);
  }
  GuardedBuffer(GuardedBuffer &&other)
      : data(other.data), base(other.base), length(other.length) {
    other.base = nullptr;
  }
  char *data;

private:
  char *base;
  size_t length;
};

template <typename T> void fromDoubles(const Tensor &tensor, char *data) {
  for (double value : tensor.data) {
    T element = static_cast<T>(value);
    std::memcpy(data, &element, sizeof element);
    data += sizeof element;
  }
}

template <typename T> void toDoubles(const char *data, Tensor &tensor) {
  for (double &value : tensor.data) {
    T element;
    std::memcpy(&element, data, sizeof element);
    value = static_cast<double>(element);
    data += sizeof element;
  }
}

void write(const Tensor &tensor, Elem elem, char *data) {
  switch (elem) {
  case Elem::Bool:
    return fromDoubles<uint8_t>(tensor, data);
  case Elem::I32:
    return fromDoubles<int32_t>(tensor, data);
  case Elem::I64:
    return fromDoubles<int64_t>(tensor, data);
  case Elem::F32:
    return fromDoubles<float>(tensor, data);
  case Elem::F64:
    return fromDoubles<double>(tensor, data);
  }
}

void read(const char *data, Elem elem, Tensor &tensor) {
  switch (elem) {
  case Elem::Bool:
    return toDoubles<uint8_t>(data, tensor);
  case Elem::I32:
    return toDoubles<int32_t>(data, tensor);
  case Elem::I64:
    return toDoubles<int64_t>(data, tensor);
  case Elem::F32:
    return toDoubles<float>(data, tensor);
  case Elem::F64:
    return toDoubles<double>(data, tensor);
  }
}

} // namespace

CompiledFunction::CompiledFunction(const Function &function,
                                   const Target &target, int level,
                                   llvm::ArrayRef<RuntimeSymbol> linked) {
  Module module;
  module.functions.push_back(cloneFunction(function));
  if (!verify(function, Graph)) {
    PassContext context;
    context.level = level;
    error = runPasses(*module.functions[0], pipeline("opt", level), context);
  }
  if (!error)
    error = lowerModule(module, contextFor(target, level));
  if (error)
    return;
  lowered = std::move(module.functions[0]);
  code = std::make_unique<LoadedFunction>(*lowered, target, level, linked);
}

CompiledFunction::~CompiledFunction() = default;

namespace {

/// The buffers of one run.
class Buffers {
public:
  Buffers(const Function &lowered, std::span<const Tensor> inputs,
          const DimBinding &dims, bool share);
  RunResult results() const;
  /// The inputs of floats as they were given, or zeros in their place; not
  /// variables.
  void giveInputs(bool zeros);
  std::vector<void *> pointers;

private:
  const Function &lowered;
  std::span<const Tensor> inputs;
  const DimBinding &dims;
  std::vector<GuardedBuffer> buffers;
};

} // namespace

/// First fit, in the order of their making: offsets at which those that are
/// alive at once do not overlap.
static std::vector<int64_t> placesOf(const MemoryUse &use,
                                     const DimBinding &dims) {
  std::vector<int64_t> sizes, places;
  for (size_t i = 0; i < use.temporaries.size(); ++i) {
    const MemoryUse::Temporary &item = use.temporaries[i];
    sizes.push_back((evaluateDim(item.bytes, dims) + 63) / 64 * 64);
    places.push_back(0);
    for (bool moved = true; moved;) {
      moved = false;
      for (size_t j = 0; j < i; ++j) {
        const MemoryUse::Temporary &other = use.temporaries[j];
        if (item.first <= other.last && other.first <= item.last &&
            places[i] < places[j] + sizes[j] &&
            places[j] < places[i] + sizes[i]) {
          places[i] = places[j] + sizes[j];
          moved = true;
        }
      }
    }
  }
  for (size_t i = 0; i < sizes.size(); ++i)
    sizes[i] += places[i];
  places.push_back(
      sizes.empty() ? 0 : *std::max_element(sizes.begin(), sizes.end()));
  return places;
}

Buffers::Buffers(const Function &lowered, std::span<const Tensor> inputs,
                 const DimBinding &dims, bool share)
    : lowered(lowered), inputs(inputs), dims(dims) {
  std::vector<int64_t> places;
  if (share) {
    places = placesOf(memoryUseOf(lowered), dims);
    buffers.emplace_back(places.back());
  }
  size_t temporary = 0;
  for (int64_t i = 0; i < lowered.body.argumentCount(); ++i) {
    if (share && lowered.argAttrs[i].find("temporary")) {
      pointers.push_back(buffers[0].data + places[temporary++]);
      continue;
    }
    const Type &type = lowered.body.argument(i)->type();
    Extents extents = evaluateShape(type.shape(), dims);
    buffers.emplace_back(Tensor::count(extents) * elemBytes(type.elem()));
    pointers.push_back(buffers.back().data);
    if (i < static_cast<int64_t>(inputs.size()))
      write(inputs[i], type.elem(), buffers.back().data);
    if (lowered.argAttrs[i].find("result"))
      pointers.back() = pointers[memoryOf(lowered, i)];
  }
}

void Buffers::giveInputs(bool zeros) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    Elem elem = lowered.body.argument(static_cast<int64_t>(i))->type().elem();
    if (!isFloat(elem) || lowered.argAttrs[i].find("variable"))
      continue;
    Tensor given = inputs[i];
    if (zeros)
      std::ranges::fill(given.data, 0);
    write(given, elem, static_cast<char *>(pointers[i]));
  }
}

RunResult Buffers::results() const {
  RunResult result;
  for (int64_t i = 0; i < lowered.body.argumentCount(); ++i) {
    if (!lowered.argAttrs[i].find("result"))
      continue;
    const Type &type = lowered.body.argument(i)->type();
    Tensor &tensor = result.values.emplace_back(
        type.elem(), evaluateShape(type.shape(), dims));
    read(static_cast<const char *>(pointers[i]), type.elem(), tensor);
  }
  return result;
}

static bool sameBits(const std::vector<double> &a,
                     const std::vector<double> &b) {
  return a.size() == b.size() &&
         (a.empty() ||
          !std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]));
}

static void checkSame(const RunResult &a, const RunResult &b,
                      const char *what) {
  for (size_t i = 0; i < a.values.size(); ++i)
    check(sameBits(a.values[i].data, b.values[i].data), what);
}

RunResult CompiledFunction::run(std::span<const Tensor> inputs,
                                const DimBinding &dims) const {
  GuardedBuffer scratch(
      evaluateDim(lowered->attrs.find("scratch")->asDim(), dims));
  std::vector<int64_t> sizes;
  for (const std::string &name : code->dims)
    sizes.push_back(name == runsSymbol ? 0 : dims.at(name));
  bool keeps = lowered->attrs.find("keeps");
  auto runWith = [&](bool share) {
    Buffers buffers(*lowered, inputs, dims, share);
    std::vector<int64_t> given = sizes;
    auto run = [&] {
      code->run(buffers.pointers.data(), given.data(), scratch.data);
      return buffers.results();
    };
    RunResult first = run();
    if (!keeps)
      return first;
    // What a run with other inputs keeps is the same, and serves any number of
    // runs.
    buffers.giveInputs(true);
    run();
    buffers.giveInputs(false);
    for (int64_t runs : {1, 2, 2}) {
      given.back() = runs;
      checkSame(first, run(), "a compiled function that runs again");
    }
    return first;
  };
  // In memory of their own temporaries cannot be overrun; where they share it,
  // one that is used outside its life would be another's.
  RunResult result = runWith(false);
  checkSame(result, runWith(true),
            "a compiled function whose temporaries share memory");
  return result;
}

} // namespace nnc
