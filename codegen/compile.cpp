#include "codegen/compile.h"

#include "codegen/brgemm.h"
#include "codegen/divide.h"
#include "codegen/object.h"
#include "codegen/optimize.h"
#include "codegen/program_table.h"
#include "codegen/run_once.h"
#include "ir/builder.h"
#include "ir/run_pipelines.h"

#include "llvm/Target/TargetMachine.h"

#include <future>

namespace nnc {

PassContext contextFor(const Target &target, int level) {
  PassContext context;
  context.level = level;
  context.machine.name = target.name;
  context.machine.tileRows = brgemmTileRows(target, Elem::F32);
  context.machine.tileColumns = brgemmTileColumns(target, Elem::F32);
  return context;
}

std::optional<PassError> lowerModule(Module &module, const PassContext &context,
                                     int stages, const PassObserver &observer) {
  static constexpr std::string_view names[] = {"kernels", "loops"};
  return runPipelines(module, std::span(names).first(stages), context,
                      observer);
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

/// Strength reduction of loops is a fifth of the time to compile. Small
/// programs run 1 to 5 % faster for it; those with more instructions than this
/// spend their time in products, whose code is made when nnc is built.
static constexpr unsigned manyInstructions = 64 << 10;

static std::unique_ptr<llvm::Module>
compilePart(llvm::LLVMContext &context, const Program &program,
            const Target &target, int level,
            llvm::ArrayRef<const Target *> listTargets, Part part) {
  auto module = std::make_unique<llvm::Module>(program.name, context);
  module->setTargetTriple(target.triple);
  auto optimization = static_cast<OptimizationLevel>(level);
  std::unique_ptr<llvm::TargetMachine> machine =
      createTargetMachine(target, optimization);
  module->setDataLayout(machine->createDataLayout());
  emitProgram(*module, target, program);
  if (!listTargets.empty())
    emitProgramList(*module, program, listTargets);
  inlineFunctions(*module, *machine);
  if (optimization != OptimizationLevel::O0)
    hurryWhatRunsOnce(*module, program);
  if (module->getInstructionCount() > manyInstructions)
    leaveLoops(*module);
  keepPart(*module, part);
  optimizeFunctions(*module, *machine, optimization);
  return module;
}

std::unique_ptr<llvm::Module>
compileProgram(llvm::LLVMContext &context, const Program &program,
               const Target &target, int level,
               llvm::ArrayRef<const Target *> listTargets) {
  return compilePart(context, program, target, level, listTargets, {});
}

std::vector<std::unique_ptr<llvm::MemoryBuffer>>
compileObjects(const Program &program, const Target &target, int level,
               int threads) {
  auto compile = [&](int i) {
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> module =
        compilePart(context, program, target, level, {}, {i, threads});
    return emitObject(
        *module,
        *createTargetMachine(target, static_cast<OptimizationLevel>(level)));
  };
  std::vector<std::future<std::unique_ptr<llvm::MemoryBuffer>>> others;
  for (int i = 1; i < threads; ++i)
    others.push_back(std::async(std::launch::async, compile, i));
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> objects;
  objects.push_back(compile(0));
  for (auto &other : others)
    objects.push_back(other.get());
  return objects;
}

} // namespace nnc
