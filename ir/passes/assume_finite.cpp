#include "ir/pass.h"
#include "ir/simplify/rules.h"

namespace nnc {

static const std::span<const RewriteRule> groups[] = {simplify::finiteRules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  if (context.assumeFinite)
    rewrite(function, groups, context.log);
  return std::nullopt;
}

extern const Pass pass_assume_finite;
const Pass pass_assume_finite = {
    .name = "assume-finite",
    .doc = "With --assume-finite: simplifies by what holds unless a NaN, an "
           "infinity or a division by 0 arises.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .ofRealNumbers = true,
    .rules = groups,
};

} // namespace nnc
