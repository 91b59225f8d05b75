#include "ir/pass.h"
#include "ir/simplify/rules.h"

namespace nnc {

static const std::span<const RewriteRule> groups[] = {simplify::quotientRules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  rewrite(function, groups, context.log);
  return std::nullopt;
}

extern const Pass pass_quotients_to_factors;
const Pass pass_quotients_to_factors = {
    .name = "quotients-to-factors",
    .doc = "Divides once by what many elements are divided by, and multiplies.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .rules = groups,
};

} // namespace nnc
