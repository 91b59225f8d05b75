//===- codegen/object.cpp - From a module to machine code -----------------===//
#include "codegen/object.h"

#include "codegen/optimize.h"
#include "ir/check.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

namespace nnc {
namespace {

llvm::SmallVector<char, 0> emitFile(llvm::Module &module,
                                    llvm::TargetMachine &machine,
                                    llvm::CodeGenFileType type) {
  WorkInHand work("generating machine code");
  module.setTargetTriple(machine.getTargetTriple().str());
  module.setDataLayout(machine.createDataLayout());
  checkModule(module);
  reduceLoops(module, machine);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type,
                                  /*DisableVerify=*/true))
    internalError("LLVM cannot write this kind of file");
  passes.run(module);
  return bytes;
}

} // namespace

std::unique_ptr<llvm::MemoryBuffer> emitObject(llvm::Module &module,
                                               llvm::TargetMachine &machine) {
  return std::make_unique<llvm::SmallVectorMemoryBuffer>(
      emitFile(module, machine, llvm::CodeGenFileType::ObjectFile),
      module.getModuleIdentifier(), /*RequiresNullTerminator=*/false);
}

std::string emitAssembly(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::SmallVector<char, 0> bytes =
      emitFile(module, machine, llvm::CodeGenFileType::AssemblyFile);
  return std::string(bytes.begin(), bytes.end());
}

} // namespace nnc
