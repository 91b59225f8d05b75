//===- nnc-kernels: compiles the shared micro-kernels when nnc is built -===//
#include "codegen/brgemm.h"
#include "codegen/object.h"
#include "codegen/optimize.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

#include <fstream>
#include <iostream>

using namespace nnc;

int main(int argc, char **argv) {
  const Target *target = argc == 3 ? findTarget(argv[1]) : nullptr;
  if (!target) {
    std::cerr << "usage: nnc-kernels TARGET OUTPUT.o\n";
    return 1;
  }
  llvm::LLVMContext context;
  llvm::Module module("kernels", context);
  std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(*target);
  module.setTargetTriple(target->triple);
  module.setDataLayout(machine->createDataLayout());
  for (Elem elem : {Elem::F32, Elem::F64})
    for (Brgemm kind : {Brgemm::Plain, Brgemm::Beside})
      defineBrgemm(module, *target, elem, kind);
  optimizeModule(module, *machine, OptimizationLevel::O2);
  std::unique_ptr<llvm::MemoryBuffer> object = emitObject(module, *machine);
  std::ofstream file(argv[2], std::ios::binary);
  file.write(object->getBufferStart(),
             static_cast<std::streamsize>(object->getBufferSize()));
  return file ? 0 : 1;
}
