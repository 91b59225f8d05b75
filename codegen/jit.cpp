//===- codegen/jit.cpp - Running a module in this process -----------------===//
#include "codegen/jit.h"

#include "ir/check.h"

#include "llvm/ExecutionEngine/Orc/CompileUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <cstring>

using namespace llvm;

namespace nnc {
namespace {

/// The target is known, so LLJIT's detection of the host is not needed.
std::unique_ptr<orc::LLJIT> createJit(const Target &target,
                                      OptimizationLevel level) {
  std::unique_ptr<TargetMachine> machine = createTargetMachine(target, level);
  orc::LLJITBuilder builder;
  builder.setJITTargetMachineBuilder(
      orc::JITTargetMachineBuilder(machine->getTargetTriple()));
  builder.setDataLayout(machine->createDataLayout());
  builder.setPlatformSetUp(orc::setUpInactivePlatform);
  builder.setLinkProcessSymbolsByDefault(false);
  builder.setCompileFunctionCreator(
      [&](orc::JITTargetMachineBuilder)
          -> Expected<std::unique_ptr<orc::IRCompileLayer::IRCompiler>> {
        return std::make_unique<orc::TMOwningSimpleCompiler>(
            std::move(machine));
      });
  Expected<std::unique_ptr<orc::LLJIT>> jit = builder.create();
  if (!jit)
    internalError("LLVM's JIT: " + toString(jit.takeError()));
  return std::move(*jit);
}

} // namespace

Jit::Jit(const Target &target, OptimizationLevel level,
         ArrayRef<RuntimeSymbol> symbols)
    : jit(createJit(target, level)) {
  // LLVM turns loops and large copies into these.
  const RuntimeSymbol always[] = {
      {"memcpy", reinterpret_cast<void *>(&std::memcpy)},
      {"memmove", reinterpret_cast<void *>(&std::memmove)},
      {"memset", reinterpret_cast<void *>(&std::memset)}};
  orc::SymbolMap map;
  for (ArrayRef<RuntimeSymbol> list : {ArrayRef(always), symbols})
    for (const RuntimeSymbol &symbol : list)
      map[jit->mangleAndIntern(symbol.name)] = {
          orc::ExecutorAddr::fromPtr(symbol.address),
          JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  if (Error error =
          jit->getMainJITDylib().define(orc::absoluteSymbols(std::move(map))))
    internalError("runtime symbols: " + toString(std::move(error)));
}

Jit::~Jit() = default;

Status Jit::add(std::unique_ptr<Module> module,
                std::unique_ptr<LLVMContext> context) {
  module->setTargetTriple(jit->getTargetTriple().str());
  module->setDataLayout(jit->getDataLayout());
  return fromLlvm(jit->addIRModule(orc::ThreadSafeModule(std::move(module),
                                                         std::move(context))),
                  "cannot compile in memory");
}

Status Jit::add(std::unique_ptr<MemoryBuffer> object) {
  return fromLlvm(jit->addObjectFile(std::move(object)),
                  "cannot load compiled code");
}

Status Jit::lookup(StringRef name, void *&address) {
  Expected<orc::ExecutorAddr> found = jit->lookup(name);
  if (!found)
    return fromLlvm(found.takeError(), "cannot load compiled code");
  address = found->toPtr<void *>();
  return Status::success();
}

} // namespace nnc
