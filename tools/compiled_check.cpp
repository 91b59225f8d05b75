#include "tools/compiled_check.h"

#include "codegen/executor.h"
#include "ir/check.h"
#include "ir/parser.h"
#include "ir/pass.h"
#include "ir/printer.h"
#include "ir/verifier.h"
#include "tools/linked_symbols.h"
#include "tools/reference_run.h"

namespace nnc {

std::unique_ptr<Module> inF64(const Module &module) {
  std::string text = print(module);
  for (size_t at = 0; (at = text.find("f32", at)) != std::string::npos;)
    text.replace(at, 3, "f64");
  ParseError error;
  std::unique_ptr<Module> result = parseModule(text, error);
  check(result != nullptr, "a module in f64 does not read back");
  return result;
}

/// What is compiled with -O2 may have Winograd's convolutions.
static void boundAsOptimised(const Function &function,
                             std::vector<ReferenceRun> &runs) {
  if (verify(function, Graph))
    return; // It is at another stage.
  std::unique_ptr<Function> copy = cloneFunction(function);
  RewriteLog log;
  PassContext context;
  context.log = &log;
  const Pass *winograd = findPass("winograd");
  if (runPasses(*copy, pipeline("opt", 2), context))
    return;
  int64_t others = log.counted();
  if (!runPasses(*copy, std::span(&winograd, 1), context) &&
      log.counted() > others)
    takeBoundsOf(*copy, runs);
}

static void checkFunction(const Function &function, const DimChoices &chosen,
                          const std::string &precision,
                          CompiledChecks &checks) {
  std::vector<ReferenceRun> runs = referenceRuns(function, chosen);
  boundAsOptimised(function, runs);
  std::vector<RuntimeSymbol> kernels = linkedSymbols();
  for (const Target *target : allTargets()) {
    if (!hostSupports(*target))
      continue;
    for (int level : {0, 2}) {
      std::string name = "@" + function.name + " " + precision + " " +
                         target->name + " -O" + std::to_string(level);
      WorkInHand work("the compiled check of " + name);
      CompiledFunction compiled(function, *target, level, kernels);
      if (compiled.error) {
        checks.failures.push_back(name + ": " + compiled.error->message);
        return;
      }
      Comparison found = compareRuns(compiled, runs, precisionOf(function));
      checks.comparisons += found.results;
      checks.unbounded += found.unbounded;
      for (const std::string &what : found.differences)
        checks.failures.push_back(name + ": " + what);
    }
  }
}

/// Expands derivatives, which the interpreter does not know.
static void checkModule(Module &module, const DimChoices &chosen,
                        const std::string &precision, CompiledChecks &checks) {
  for (const auto &function : module.functions) {
    if (!verify(*function, Graph))
      if (auto error =
              runPasses(*function, pipeline("grad", 2), PassContext())) {
        checks.failures.push_back("@" + function->name + ": " + error->message);
        continue;
      }
    checkFunction(*function, chosen, precision, checks);
  }
}

void checkCompiled(Module &module, const DimChoices &chosen,
                   CompiledChecks &checks) {
  std::unique_ptr<Module> wide = inF64(module);
  checkModule(module, chosen, "f32", checks);
  checkModule(*wide, chosen, "f64", checks);
}

} // namespace nnc
