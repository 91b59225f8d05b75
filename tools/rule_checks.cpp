#include "tools/rule_checks.h"

#include "ir/check.h"
#include "ir/pass.h"
#include "ir/verifier.h"

#include <cmath>

namespace nnc {

/// The passes that take a function to the stage of `pass`, and `pass`; nothing
/// if it stands beyond.
static std::vector<const Pass *> wayTo(const Pass &pass,
                                       const Function &function) {
  if (!verify(function, pass.from))
    return {&pass};
  if (verify(function, Graph))
    return {};
  std::vector<const Pass *> way;
  for (std::string_view stage : {"kernels", "loops"})
    for (const Pass *each : pipeline(stage, 2)) {
      way.push_back(each);
      if (each == &pass)
        return way;
    }
  internalError("no pipeline has the pass " + std::string(pass.name));
}

static bool areFinite(const std::vector<ReferenceRun> &runs) {
  for (const ReferenceRun &run : runs)
    for (const Tensor &tensor : run.result.values)
      for (double element : tensor.data)
        if (!std::isfinite(element))
          return false;
  return true;
}

static void checkRule(std::string_view rule, const Pass &pass,
                      const Function &function,
                      const std::vector<ReferenceRun> &runs,
                      RuleChecks &checks) {
  WorkInHand work("the check of rule " + std::string(rule) + " on @" +
                  function.name);
  RewriteLog log;
  log.only = rule;
  PassContext context;
  context.log = &log;
  context.assumeFinite = true;
  context.memoryLimit = 1; // As much as can be is computed again.
  std::unique_ptr<Function> copy = cloneFunction(function);
  if (pass.ofRealNumbers && !areFinite(runs))
    return;
  // What a pass does not support, it says in a test of its own.
  if (runPasses(*copy, wayTo(pass, function), context) || !log.counted())
    return;
  checks.applied[rule] += log.counted();
  for (const std::string &difference :
       compareRuns(Interpreter(*copy), runs, precisionOf(function)).differences)
    checks.failures.push_back(std::string(rule) + " changes what @" +
                              function.name + " computes: " + difference);
}

RuleChecks checkRules(const Module &module, const DimChoices &chosen) {
  RuleChecks checks;
  for (const auto &function : module.functions) {
    std::vector<ReferenceRun> runs = referenceRuns(*function, chosen);
    for (const Pass *pass : allPasses()) {
      if (pass->asks)
        checkRule(pass->name, *pass, *function, runs, checks);
      for (std::span<const RewriteRule> group : pass->rules)
        for (const RewriteRule &rule : group)
          checkRule(rule.name, *pass, *function, runs, checks);
    }
  }
  return checks;
}

} // namespace nnc
