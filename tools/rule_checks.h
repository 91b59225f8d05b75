//===- tools/rule_checks.h - Each rewrite rule by itself ------------------===//
#ifndef NNC_TOOLS_RULE_CHECKS_H
#define NNC_TOOLS_RULE_CHECKS_H

#include "tools/reference_run.h"

namespace nnc {

struct RuleChecks {
  std::map<std::string_view, int64_t> applied; ///< How often, by the rule.
  std::vector<std::string> failures;
};

/// Applies each rule and each pass that can be left out (rewriteNames), without
/// the others, to every function that can be brought to its stage, and
/// compares what the function computes before and after on random inputs.
RuleChecks checkRules(const Module &module, const DimChoices &chosen);

} // namespace nnc

#endif // NNC_TOOLS_RULE_CHECKS_H
