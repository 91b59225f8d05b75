#include "ir/pass.h"
#include "ir/simplify/frozen_missed.h"
#include "ir/simplify/rules.h"

namespace nnc {

static const std::span<const RewriteRule> groups[] = {
    simplify::frozenAffineRules, simplify::frozenScaleRules,
    simplify::frozenShiftRules, simplify::frozenConvolutionRules};

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  rewrite(function, groups, context.log);
  if (context.records())
    simplify::sayWhatStaysUnfolded(function, *context.log);
  return std::nullopt;
}

extern const Pass pass_fold_frozen;
const Pass pass_fold_frozen = {
    .name = "fold-frozen",
    .doc = "Folds scales, shifts and convolutions beside layers with frozen "
           "weights into them.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .rules = groups,
};

} // namespace nnc
