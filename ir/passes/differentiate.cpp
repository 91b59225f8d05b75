#include "ir/autodiff/differentiate.h"

#include "ir/pass.h"

namespace nnc {

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  if (std::optional<NoDerivative> error = differentiate(function, context.log))
    return PassError{PassError::User, error->message, error->location};
  return std::nullopt;
}

extern const Pass pass_differentiate;
const Pass pass_differentiate = {
    .name = "differentiate",
    .doc = "Replaces each gradient by the ops that compute it.",
    .from = Graph,
    .to = Graph,
    .run = run,
};

} // namespace nnc
