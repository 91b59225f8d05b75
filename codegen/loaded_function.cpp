#include "codegen/loaded_function.h"

#include "codegen/emit_function.h"
#include "codegen/optimize.h"
#include "ir/check.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace nnc {

extern "C" {
static void waitAlone(void *) {}

static int32_t takeTurns(void *, int64_t, int64_t, void *) {
  internalError("one thread alone shares its loops with nobody");
}

static void noTrace(const void *, int64_t, int32_t, const char *) {}

static void indexError(const char *, int32_t, int32_t, int64_t index,
                       int64_t size) {
  internalError("a compiled function's index " + std::to_string(index) +
                " is out of range for an axis of size " + std::to_string(size));
}
}

LoadedFunction::LoadedFunction(const Function &lowered, const Target &target,
                               int level, llvm::ArrayRef<RuntimeSymbol> linked)
    : dims(boundDims(lowered)) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = std::make_unique<llvm::Module>(lowered.name, *context);
  auto optimization = static_cast<OptimizationLevel>(level);
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(target, optimization);
  module->setTargetTriple(target.triple);
  module->setDataLayout(machine->createDataLayout());
  KernelFunctions known;
  EmittedFunction emitted = emitFunction(*module, target, lowered, known);
  emitted.run->setLinkage(llvm::GlobalValue::ExternalLinkage);
  emitted.run->setName("run");
  optimizeModule(*module, *machine, optimization);
  reduceLoops(*module, *machine);
  std::vector<RuntimeSymbol> symbols = linked.vec();
  symbols.push_back({"nnrt_barrier", reinterpret_cast<void *>(waitAlone)});
  symbols.push_back({"nnrt_take_turns", reinterpret_cast<void *>(takeTurns)});
  symbols.push_back({"nnrt_index_error", reinterpret_cast<void *>(indexError)});
  static int32_t untraced = 0;
  symbols.push_back({"nnrt_tracing", &untraced});
  symbols.push_back({"nnrt_trace", reinterpret_cast<void *>(noTrace)});
  jit = std::make_unique<Jit>(target, optimization, symbols);
  Status added = jit->add(std::move(module), std::move(context));
  check(added.ok(), "a compiled function does not load");
  Status found = jit->lookup("run", code);
  check(found.ok(), "a compiled function is not found");
}

void LoadedFunction::run(void *const *buffers, const int64_t *sizes,
                         void *scratch) const {
  using Run = void (*)(void *const *, const int64_t *, void *, int32_t, int32_t,
                       void *);
  reinterpret_cast<Run>(code)(buffers, sizes, scratch, 0, 1, nullptr);
}

} // namespace nnc
