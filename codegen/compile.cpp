#include "codegen/compile.h"

#include "codegen/brgemm.h"
#include "codegen/optimize.h"
#include "codegen/program_table.h"
#include "codegen/run_once.h"
#include "ir/builder.h"

#include "llvm/Target/TargetMachine.h"

namespace nnc {

Machine machineFor(const Target &target, Elem elem) {
  Machine machine;
  machine.name = target.name;
  machine.tileRows = brgemmTileRows(target, elem);
  machine.tileColumns = brgemmTileColumns(target, elem);
  return machine;
}

std::optional<PassError> lowerModule(Module &module, const Target &target,
                                     int level, int stages,
                                     const PassObserver &observer) {
  PassContext context{machineFor(target, Elem::F32), level};
  static constexpr std::string_view names[] = {"kernels", "loops"};
  for (const auto &function : module.functions)
    for (int i = 0; i < stages; ++i)
      if (std::optional<PassError> error = runPasses(
              *function, pipeline(names[i], level), context, observer))
        return error;
  return std::nullopt;
}

Program cloneProgram(const Program &program) {
  Program copy;
  copy.name = program.name;
  copy.variables = program.variables;
  copy.initFunction = program.initFunction;
  copy.sources = program.sources;
  copy.nets = program.nets;
  copy.trains = program.trains;
  copy.tests = program.tests;
  for (const auto &function : program.module.functions)
    copy.module.functions.push_back(cloneFunction(*function));
  return copy;
}

std::unique_ptr<llvm::Module>
compileProgram(llvm::LLVMContext &context, const Program &program,
               const Target &target, int level,
               llvm::ArrayRef<const Target *> listTargets) {
  auto module = std::make_unique<llvm::Module>(program.name, context);
  module->setTargetTriple(targetTriple());
  auto optimization = static_cast<OptimizationLevel>(level);
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(target, optimization);
  module->setDataLayout(machine->createDataLayout());
  emitProgram(*module, target, program);
  if (!listTargets.empty())
    emitProgramList(*module, listTargets);
  optimizeModule(*module, *machine, optimization);
  if (optimization != OptimizationLevel::O0)
    hurryWhatRunsOnce(*module, program);
  return module;
}

} // namespace nnc
