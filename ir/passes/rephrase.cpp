#include "ir/pass.h"
#include "ir/simplify/rules.h"

namespace nnc {

// Note [What a text may change]
// `emit --as=nn` shows a function to people, as they would write it. So this
// pass may use what holds for real numbers: a result may be rounded otherwise,
// overflow elsewhere, and not be NaN where it was. What a program computes goes
// by Note [What a simplification keeps], and never through this pass.

static const std::span<const RewriteRule> groups[] = {
    simplify::readingRules, simplify::finiteRules, simplify::elementwiseRules,
    simplify::indexingRules, simplify::reductionRules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  rewrite(function, groups, context.log);
  return std::nullopt;
}

extern const Pass pass_rephrase;
const Pass pass_rephrase = {
    .name = "rephrase",
    .doc = "Puts a function as people write it, by what holds for real "
           "numbers; for emit --as=nn.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .ofRealNumbers = true,
    // The others are those of assume-finite and canonicalise.
    .rules = std::span(groups).first(1),
};

} // namespace nnc
