#include "ir/run_pipelines.h"

#include "ir/rewrite_log.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace nnc {

static std::optional<PassError> runOn(Function &function,
                                      std::span<const std::string_view> names,
                                      const PassContext &context,
                                      const PassObserver &observer) {
  for (std::string_view name : names)
    if (std::optional<PassError> error = runPasses(
            function, pipeline(name, context.level), context, observer))
      return error;
  return std::nullopt;
}

namespace {
/// What work on one function gives beside the function.
struct Outcome {
  RewriteLog log;
  std::optional<PassError> error;
};
} // namespace

/// A log that keeps and forbids the same and has nothing in it.
static RewriteLog emptyLike(const RewriteLog &log) {
  RewriteLog result;
  result.disabled = log.disabled;
  result.only = log.only;
  result.records = log.records;
  return result;
}

static void append(RewriteLog &log, RewriteLog &part) {
  log.function = part.function;
  for (const Remark &remark : part.remarks())
    log.record(remark);
  std::move(part.warnings.begin(), part.warnings.end(),
            std::back_inserter(log.warnings));
}

static std::optional<PassError>
runInThreads(Module &module, std::span<const std::string_view> names,
             const PassContext &context, size_t threads) {
  std::vector<Outcome> outcomes(module.functions.size());
  std::atomic<size_t> next = 0;
  auto work = [&] {
    for (size_t i; (i = next++) < outcomes.size();) {
      PassContext own = context;
      if (context.log) {
        outcomes[i].log = emptyLike(*context.log);
        own.log = &outcomes[i].log;
      }
      outcomes[i].error = runOn(*module.functions[i], names, own, {});
    }
  };
  {
    std::vector<std::jthread> others;
    while (others.size() + 1 < threads)
      others.emplace_back(work);
    work();
  }
  for (Outcome &outcome : outcomes) {
    if (context.log)
      append(*context.log, outcome.log);
    if (outcome.error)
      return outcome.error;
  }
  return std::nullopt;
}

std::optional<PassError> runPipelines(Module &module,
                                      std::span<const std::string_view> names,
                                      const PassContext &context,
                                      const PassObserver &observer) {
  bool inOrder = observer.before || observer.after ||
                 (context.log && context.log->limit >= 0);
  size_t threads = std::min<size_t>(module.functions.size(),
                                    std::thread::hardware_concurrency());
  if (!inOrder && threads > 1)
    return runInThreads(module, names, context, threads);
  for (const auto &function : module.functions)
    if (std::optional<PassError> error =
            runOn(*function, names, context, observer))
      return error;
  return std::nullopt;
}

} // namespace nnc
