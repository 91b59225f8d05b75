#include "ir/pass.h"
#include "ir/simplify/rules.h"

namespace nnc {

static const std::span<const RewriteRule> groups[] = {simplify::stableRules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  rewrite(function, groups, context.log);
  return std::nullopt;
}

extern const Pass pass_stabilise;
const Pass pass_stabilise = {
    .name = "stabilise",
    .doc = "Takes logarithms and exponentials so that they do not overflow on "
           "the way.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .rules = groups,
};

} // namespace nnc
