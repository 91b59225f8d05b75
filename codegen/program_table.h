//===- codegen/program_table.h - A program's tables in LLVM IR ------------===//
#ifndef NNC_CODEGEN_PROGRAM_TABLE_H
#define NNC_CODEGEN_PROGRAM_TABLE_H

#include "codegen/target.h"
#include "ir/program.h"

#include "llvm/IR/Module.h"

namespace nnc {

/// Emits every function of `program`, which must stand at the loop stage, and
/// the tables of runtime/program.h that describe it. Gives the `nnrt::Program`,
/// a constant with external linkage, named after the target:
/// `nn_program_x86_64_v3`.
llvm::GlobalVariable *emitProgram(llvm::Module &module, const Target &target,
                                  const Program &program);

/// The name of that constant.
std::string programSymbol(const Target &target);

/// `nnrt_programs`, `nnrt_program_count` and `nnrt_commands`, those that
/// `program` has a use for: what `main` looks for. Refers to the programs for
/// `targets` by name.
void emitProgramList(llvm::Module &module, const Program &program,
                     llvm::ArrayRef<const Target *> targets);

} // namespace nnc

#endif // NNC_CODEGEN_PROGRAM_TABLE_H
