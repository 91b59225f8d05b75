#include "tools/graph_check.h"

#include "codegen/executor.h"
#include "ir/builder.h"
#include "ir/pass.h"
#include "ir/printer.h"
#include "tools/linked_symbols.h"
#include "tools/compiled_check.h"

namespace nnc {

namespace {

class GraphCheck {
public:
  GraphCheck(const Function &function, size_t turn, const DimChoices &chosen)
      : function(function), turn(turn), chosen(chosen) {}

  std::optional<GraphFailure> run() {
    for (auto step :
         {&GraphCheck::passes, &GraphCheck::unoptimised, &GraphCheck::compiled})
      if (std::optional<GraphFailure> failure = (this->*step)())
        return failure;
    return std::nullopt;
  }

  GraphCounts counts;

private:
  std::optional<GraphFailure> compare(const std::string &kind,
                                      const Executor &executor, Elem precision,
                                      const std::vector<ReferenceRun> &runs) {
    Comparison found = compareRuns(executor, runs, precision);
    counts.results += found.results;
    counts.elements += found.elements;
    counts.unbounded += found.unbounded;
    if (found.differences.empty())
      return std::nullopt;
    return GraphFailure{kind, found.differences[0]};
  }

  static std::optional<GraphFailure> runPass(Function &copy, const Pass *pass,
                                             int level) {
    PassContext context;
    context.level = level;
    if (auto error = runPasses(copy, std::span(&pass, 1), context))
      return GraphFailure{"pass " + std::string(pass->name), error->message};
    return std::nullopt;
  }

  /// Derivatives, which the interpreter does not know, become ops.
  static std::optional<GraphFailure> expand(Function &copy) {
    for (const Pass *pass : pipeline("grad", 2))
      if (auto failure = runPass(copy, pass, 2))
        return failure;
    return std::nullopt;
  }

  std::optional<GraphFailure> passes() {
    std::unique_ptr<Function> copy = cloneFunction(function);
    if (auto failure = expand(*copy))
      return failure;
    precision = precisionOf(*copy);
    runs = referenceRuns(*copy, chosen);
    for (const ReferenceRun &run : runs)
      counts.stopped += !run.result.ok();
    std::string text = print(*copy);
    for (const char *name : {"opt", "kernels", "loops"})
      for (const Pass *pass : pipeline(name, 2)) {
        if (auto failure = runPass(*copy, pass, 2))
          return failure;
        if (std::string now = print(*copy); now == text)
          continue;
        else
          text = std::move(now);
        if (pass->name == "winograd")
          takeBoundsOf(*copy, runs);
        if (auto failure = compare("pass " + std::string(pass->name),
                                   Interpreter(*copy), precision, runs))
          return failure;
      }
    return std::nullopt;
  }

  std::optional<GraphFailure> unoptimised() {
    std::unique_ptr<Function> copy = cloneFunction(function);
    if (auto failure = expand(*copy))
      return failure;
    for (const char *name : {"opt", "kernels", "loops"})
      for (const Pass *pass : pipeline(name, 0))
        if (auto failure = runPass(*copy, pass, 0))
          return failure;
    return compare("the passes of -O0", Interpreter(*copy), precision, runs);
  }

  std::optional<GraphFailure> compiled() {
    std::vector<const Target *> targets;
    for (const Target *target : allTargets())
      if (hostSupports(*target))
        targets.push_back(target);
    const Target &target = *targets[turn % targets.size()];
    const bool isWide = turn / targets.size() % 4 == 0;
    std::vector<int> levels = {2};
    if (turn % 2)
      levels = {0, 2};
    Module module;
    module.functions.push_back(cloneFunction(function));
    std::unique_ptr<Module> wide;
    if (isWide)
      wide = inF64(module);
    Function &copy = *(isWide ? *wide : module).functions[0];
    if (auto failure = expand(copy))
      return failure;
    if (isWide)
      runs = referenceRuns(copy, chosen);
    // A compiled program ends where the interpreter stops.
    std::erase_if(runs,
                  [](const ReferenceRun &run) { return !run.result.ok(); });
    std::vector<RuntimeSymbol> kernels = linkedSymbols();
    for (int level : levels) {
      std::string kind = std::string(isWide ? "f64" : "f32") + " code, " +
                         target.name + ", -O" + std::to_string(level);
      CompiledFunction code(copy, target, level, kernels);
      if (code.error)
        return GraphFailure{kind, code.error->message};
      if (auto failure = compare(kind, code, precisionOf(copy), runs))
        return failure;
    }
    return std::nullopt;
  }

  const Function &function;
  const size_t turn;
  const DimChoices &chosen;
  std::vector<ReferenceRun> runs;
  Elem precision = Elem::F32;
};

} // namespace

std::optional<GraphFailure> checkGraph(const Function &function, size_t turn,
                                       const DimChoices &chosen,
                                       GraphCounts &counts) {
  GraphCheck check(function, turn, chosen);
  std::optional<GraphFailure> failure = check.run();
  counts += check.counts;
  return failure;
}

} // namespace nnc
