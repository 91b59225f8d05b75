#include "codegen/run_once.h"

#include "codegen/emit_function.h"

#include "llvm/IR/InstIterator.h"

#include <unordered_set>

namespace nnc {

/// Quick code takes some nanoseconds more an element: with so many, as long as
/// good code takes to be generated.
static constexpr int64_t fewElements = 1 << 18;

static bool variablesAreSmall(const Program &program) {
  Dim elements = 0; // Sums of Dims do not overflow.
  for (const Variable &variable : program.variables)
    elements = elements + elementCount(variable.type.shape());
  return elements.value() <= fewElements;
}

/// The functions that may run often or long.
static std::vector<std::string> rootsOf(const Program &program) {
  std::vector<std::string> roots;
  for (const NetEntry &net : program.nets)
    roots.push_back(net.function);
  for (const TrainEntry &train : program.trains) {
    for (const StepEntry &step : train.steps) {
      roots.push_back(step.function);
      roots.push_back(step.updateFunction);
    }
    for (const Evaluation &metric : train.metrics)
      roots.push_back(metric.function);
  }
  if (variablesAreSmall(program))
    return roots;
  roots.push_back(program.initFunction);
  for (const TrainEntry &train : program.trains)
    roots.push_back(train.initFunction);
  return roots;
}

/// Those that an operand refers to, by a table too.
static void addFunctions(const llvm::Value &operand,
                         std::vector<llvm::Function *> &functions) {
  if (auto *function = llvm::dyn_cast<llvm::Function>(&operand))
    functions.push_back(const_cast<llvm::Function *>(function));
  else if (const auto *constant = llvm::dyn_cast<llvm::Constant>(&operand))
    for (const llvm::Value *part : constant->operands())
      addFunctions(*part, functions);
}

void hurryWhatRunsOnce(llvm::Module &module, const Program &program) {
  std::vector<llvm::Function *> waiting;
  auto addCallees = [&](const llvm::Function &function) {
    for (const llvm::Instruction &instruction : llvm::instructions(function))
      for (const llvm::Value *operand : instruction.operands())
        addFunctions(*operand, waiting);
  };
  for (const std::string &root : rootsOf(program))
    if (const llvm::Function *function = module.getFunction(runSymbol(root)))
      addCallees(*function);
  std::unordered_set<const llvm::Function *> reached;
  while (!waiting.empty()) {
    llvm::Function *function = waiting.back();
    waiting.pop_back();
    if (reached.insert(function).second)
      addCallees(*function);
  }
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && !reached.contains(&function)) {
      function.addFnAttr(llvm::Attribute::OptimizeNone);
      function.addFnAttr(llvm::Attribute::NoInline);
    }
}

} // namespace nnc
