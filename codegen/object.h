//===- codegen/object.h - From a module to machine code -------------------===//
#ifndef NNC_CODEGEN_OBJECT_H
#define NNC_CODEGEN_OBJECT_H

#include <memory>
#include <string>

namespace llvm {
class MemoryBuffer;
class Module;
class TargetMachine;
} // namespace llvm

namespace nnc {

/// An ELF object file, in memory. The module is spent: code generation
/// changes it.
std::unique_ptr<llvm::MemoryBuffer> emitObject(llvm::Module &module,
                                               llvm::TargetMachine &machine);

/// The same as assembly text.
std::string emitAssembly(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace nnc

#endif // NNC_CODEGEN_OBJECT_H
