//===- test/codegen/link.cpp - Objects, programs, code in memory ----------===//
#include "codegen/link.h"

#include "codegen/jit.h"
#include "codegen/object.h"
#include "codegen/optimize.h"
#include "test/codegen/checks.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <chrono>
#include <cstdio>

namespace nnc {
namespace {

/// int main() { puts("linked"); return callback(); } with `callback` from
/// outside, or without it.
std::unique_ptr<llvm::Module> buildMain(llvm::LLVMContext &context,
                                        bool callsBack) {
  auto module = std::make_unique<llvm::Module>("main", context);
  llvm::IRBuilder<> b(context);
  auto *f = llvm::Function::Create(
      llvm::FunctionType::get(b.getInt32Ty(), false),
      llvm::GlobalValue::ExternalLinkage, "main", *module);
  b.SetInsertPoint(llvm::BasicBlock::Create(context, "", f));
  if (callsBack) {
    b.CreateRet(b.CreateCall(
        module->getOrInsertFunction("callback", b.getInt32Ty()), {}));
    return module;
  }
  b.CreateCall(
      module->getOrInsertFunction("puts", b.getInt32Ty(), b.getPtrTy()),
      {b.CreateGlobalString("linked", "", 0, module.get())});
  b.CreateRet(b.getInt32(0));
  return module;
}

int callback() { return 42; }

int report(const Status &status) {
  std::printf("%s\n", status.message().c_str());
  return status.exitCode();
}

} // namespace

int checkLink(Arguments arguments) {
  if (arguments.empty())
    return 1;
  llvm::LLVMContext context;
  auto module = buildMain(context, /*callsBack=*/false);
  auto machine = createTargetMachine(*allTargets().front());
  optimizeModule(*module, *machine, OptimizationLevel::O2);
  auto object = emitObject(*module, *machine);
  std::string output = arguments[0].str(), objectPath = output + ".o";
  std::error_code error;
  llvm::raw_fd_ostream file(objectPath, error);
  file << object->getBuffer();
  file.close();
  LinkRequest request;
  std::string inputs[] = {arguments.size() > 2 ? arguments[2].str()
                                               : objectPath};
  request.inputs = inputs;
  request.output = output;
  request.family = familyOf(*allTargets().front());
  request.isStatic = arguments.size() > 1 && arguments[1] == "static";
  Status status = linkProgram(request);
  return status.ok() ? 0 : report(status);
}

int checkJit(Arguments) {
  auto start = std::chrono::steady_clock::now();
  const Target &host = bestHostTarget();
  Jit jit(host, OptimizationLevel::O2,
          {{"callback", reinterpret_cast<void *>(&callback)}});
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = buildMain(*context, /*callsBack=*/true);
  Status status = jit.add(std::move(module), std::move(context));
  void *address = nullptr;
  if (status.ok())
    status = jit.lookup("main", address);
  if (!status.ok())
    return report(status);
  int result = reinterpret_cast<int (*)()>(address)();
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  std::fprintf(stderr, "%.1f ms\n", time.count());
  std::printf("result %d\n", result);
  return report(jit.lookup("absent", address)) == 2 ? 0 : 1;
}

} // namespace nnc
