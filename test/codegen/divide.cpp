//===- test/codegen/divide.cpp - The parts of a module --------------------===//
#include "codegen/divide.h"

#include "codegen/jit.h"
#include "codegen/object.h"
#include "codegen/optimize.h"
#include "test/codegen/checks.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace nnc {

/// `kernel.1` to `kernel.5`, of 2 to 6 instructions, each of which adds what
/// stands in `numbers`, and `sum`, which adds them up.
static std::unique_ptr<Module> buildKernels(LLVMContext &context) {
  auto module = std::make_unique<Module>("kernels", context);
  IRBuilder<> builder(context);
  auto *one = ConstantInt::get(builder.getInt32Ty(), 1);
  auto *numbers =
      new GlobalVariable(*module, one->getType(), true,
                         GlobalValue::InternalLinkage, one, "numbers");
  auto *table = new GlobalVariable(*module, one->getType(), true,
                                   GlobalValue::ExternalLinkage, one, "table");
  auto *type = FunctionType::get(builder.getInt32Ty(), false);
  auto add = [&](GlobalValue::LinkageTypes linkage, const Twine &name) {
    Function *function = Function::Create(type, linkage, name, *module);
    builder.SetInsertPoint(BasicBlock::Create(context, "entry", function));
    return function;
  };
  std::vector<Function *> kernels;
  for (int i = 1; i <= 5; ++i) {
    kernels.push_back(add(GlobalValue::InternalLinkage, "kernel." + Twine(i)));
    llvm::Value *value = builder.CreateLoad(one->getType(), numbers);
    for (int k = 1; k < i; ++k)
      value = builder.CreateMul(value, value);
    builder.CreateRet(value);
  }
  add(GlobalValue::ExternalLinkage, "sum");
  llvm::Value *sum = builder.CreateLoad(one->getType(), table);
  for (Function *kernel : kernels)
    sum = builder.CreateAdd(sum, builder.CreateCall(kernel));
  builder.CreateRet(sum);
  return module;
}

int checkDivision(Arguments arguments) {
  int count = 0;
  if (arguments.size() != 1 || arguments[0].getAsInteger(10, count))
    return 1;
  const Target &host = bestHostTarget();
  Jit jit(host, OptimizationLevel::O2);
  for (int i = 0; i < count; ++i) {
    LLVMContext context;
    std::unique_ptr<Module> module = buildKernels(context);
    keepPart(*module, {i, count});
    outs() << "part " << i << ":";
    for (const Function &function : *module)
      if (!function.isDeclaration())
        outs() << " " << function.getName();
    outs() << ",";
    for (const GlobalVariable &global : module->globals())
      if (global.hasLocalLinkage())
        outs() << " " << global.getName();
    outs() << "\n";
    auto machine = createTargetMachine(host);
    optimizeModule(*module, *machine, OptimizationLevel::O2);
    if (!jit.add(emitObject(*module, *machine)).ok())
      return 1;
  }
  void *address = nullptr;
  if (!jit.lookup("sum", address).ok())
    return 1;
  outs() << "sum " << reinterpret_cast<int (*)()>(address)() << "\n";
  return 0;
}

} // namespace nnc
