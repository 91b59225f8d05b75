#include "ir/pass.h"
#include "ir/simplify/rules.h"

namespace nnc {

static std::optional<PassError> run(Function &function, const PassContext &) {
  const std::span<const RewriteRule> groups[] = {simplify::elementwiseRules,
                                                 simplify::indexingRules,
                                                 simplify::reductionRules};
  rewrite(function, groups);
  return std::nullopt;
}

extern const Pass pass_canonicalise;
const Pass pass_canonicalise = {
    .name = "canonicalise",
    .doc = "Replaces ops by simpler ones with the same results.",
    .from = Graph,
    .to = Graph,
    .run = run,
};

} // namespace nnc
