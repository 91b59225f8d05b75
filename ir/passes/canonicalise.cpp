#include "ir/pass.h"
#include "ir/simplify/rules.h"

namespace nnc {

static const std::span<const RewriteRule> groups[] = {
    simplify::elementwiseRules, simplify::indexingRules,
    simplify::reductionRules, simplify::splitRules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  rewrite(function, groups, context.log);
  return std::nullopt;
}

extern const Pass pass_canonicalise;
const Pass pass_canonicalise = {
    .name = "canonicalise",
    .doc = "Replaces ops by simpler ones with the same results.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .rules = groups,
};

} // namespace nnc
