#include "ir/pass.h"
#include "ir/simplify/depthwise.h"
#include "ir/simplify/rules.h"

namespace nnc {

static const std::span<const RewriteRule> groups[] = {
    simplify::convolutionRules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  if (context.records())
    simplify::sayWhatStaysApart(function, *context.log);
  rewrite(function, groups, context.log);
  return std::nullopt;
}

extern const Pass pass_convolutions_to_products;
const Pass pass_convolutions_to_products = {
    .name = "convolutions-to-products",
    .doc = "Makes matrix products of 1x1 convolutions, without a copy of the "
           "image.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .rules = groups,
};

} // namespace nnc
