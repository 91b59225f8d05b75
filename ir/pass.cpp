#include "ir/pass.h"

#include "ir/check.h"
#include "ir/verifier.h"

#include <chrono>

namespace nnc {

const Pass *findPass(std::string_view name) {
  for (const Pass *pass : allPasses())
    if (pass->name == name)
      return pass;
  return nullptr;
}

std::vector<std::string_view> rewriteNames() {
  std::vector<std::string_view> names;
  for (const Pass *pass : allPasses()) {
    if (pass->asks)
      names.push_back(pass->name);
    for (std::span<const RewriteRule> group : pass->rules)
      for (const RewriteRule &rule : group)
        names.push_back(rule.name);
  }
  return names;
}

std::optional<PassError> runPasses(Function &function,
                                   std::span<const Pass *const> passes,
                                   const PassContext &context,
                                   const PassObserver &observer) {
  using Clock = std::chrono::steady_clock;
  for (const Pass *pass : passes) {
    WorkInHand work("pass " + std::string(pass->name) + " on @" +
                    function.name);
    if (context.log)
      context.log->function = function.name;
    if (observer.before)
      observer.before(*pass, function);
    Clock::time_point start = Clock::now();
    if (std::optional<PassError> error = pass->run(function, context))
      return error;
    std::chrono::duration<double> taken = Clock::now() - start;
    // A tenth of the time to compile, were it done for each pass, as nnc-opt
    // does, which runs them one by one.
    if (pass == passes.back())
      if (std::optional<VerifierError> error = verify(function, pass->to))
        internalError(error->message);
    if (observer.after)
      observer.after(*pass, function, taken.count());
  }
  return std::nullopt;
}

} // namespace nnc
