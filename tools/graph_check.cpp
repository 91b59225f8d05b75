#include "tools/graph_check.h"

#include "codegen/executor.h"
#include "ir/builder.h"
#include "ir/op_def.h"
#include "ir/pass.h"
#include "ir/printer.h"
#include "tools/brgemm_symbols.h"
#include "tools/compiled_check.h"
#include "tools/processes.h"
#include "tools/reduce.h"

#include <cstdio>
#include <set>

namespace nnc {

namespace {

struct Failure {
  std::string kind; ///< Where: "pass cse". While reducing it stays the same.
  std::string what;
};

/// What was compared.
struct Counts {
  long long results = 0, elements = 0, unbounded = 0, stopped = 0;

  Counts &operator+=(const Counts &other) {
    results += other.results;
    elements += other.elements;
    unbounded += other.unbounded;
    stopped += other.stopped;
    return *this;
  }
  void print() const {
    std::printf("%lld %lld %lld %lld\n", results, elements, unbounded, stopped);
  }
};

class GraphCheck {
public:
  GraphCheck(const Function &function, size_t turn, const DimChoices &chosen)
      : function(function), turn(turn), chosen(chosen) {}

  std::optional<Failure> run() {
    for (auto step :
         {&GraphCheck::passes, &GraphCheck::unoptimised, &GraphCheck::compiled})
      if (std::optional<Failure> failure = (this->*step)())
        return failure;
    return std::nullopt;
  }

  Counts counts;

private:
  std::optional<Failure> compare(const std::string &kind,
                                 const Executor &executor, Elem precision,
                                 const std::vector<ReferenceRun> &runs) {
    Comparison found = compareRuns(executor, runs, precision);
    counts.results += found.results;
    counts.elements += found.elements;
    counts.unbounded += found.unbounded;
    if (found.differences.empty())
      return std::nullopt;
    return Failure{kind, found.differences[0]};
  }

  static std::optional<Failure> runPass(Function &copy, const Pass *pass,
                                        int level) {
    PassContext context;
    context.level = level;
    if (auto error = runPasses(copy, std::span(&pass, 1), context))
      return Failure{"pass " + std::string(pass->name), error->message};
    return std::nullopt;
  }

  /// Derivatives, which the interpreter does not know, become ops.
  static std::optional<Failure> expand(Function &copy) {
    for (const Pass *pass : pipeline("grad", 2))
      if (auto failure = runPass(copy, pass, 2))
        return failure;
    return std::nullopt;
  }

  std::optional<Failure> passes() {
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
        if (auto failure = compare("pass " + std::string(pass->name),
                                   Interpreter(*copy), precision, runs))
          return failure;
      }
    return std::nullopt;
  }

  std::optional<Failure> unoptimised() {
    std::unique_ptr<Function> copy = cloneFunction(function);
    if (auto failure = expand(*copy))
      return failure;
    for (const char *name : {"opt", "kernels", "loops"})
      for (const Pass *pass : pipeline(name, 0))
        if (auto failure = runPass(*copy, pass, 0))
          return failure;
    return compare("the passes of -O0", Interpreter(*copy), precision, runs);
  }

  std::optional<Failure> compiled() {
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
    std::vector<RuntimeSymbol> kernels = brgemmSymbols();
    for (int level : levels) {
      std::string kind = std::string(isWide ? "f64" : "f32") + " code, " +
                         target.name + ", -O" + std::to_string(level);
      CompiledFunction code(copy, target, level, kernels);
      if (code.error)
        return Failure{kind, code.error->message};
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

/// In a process of its own: a failure's lines, or the counts.
int checkAlone(const Function &function, size_t turn,
               const DimChoices &chosen) {
  GraphCheck check(function, turn, chosen);
  if (std::optional<Failure> failure = check.run()) {
    std::printf("%s\n%s\n", failure->kind.c_str(), failure->what.c_str());
    return 1;
  }
  check.counts.print();
  return 0;
}

/// The first line says where; of a crash, what the process said without the
/// numbers in it, which change while it is reduced.
Failure failureOf(const Outcome &outcome) {
  size_t end = std::min(outcome.said.find('\n'), outcome.said.size());
  Failure failure{outcome.said.substr(0, end), ""};
  if (end < outcome.said.size())
    failure.what = outcome.said.substr(end + 1);
  if (outcome.status == 1)
    return failure;
  failure.kind.resize(
      std::min(failure.kind.find_first_of("0123456789@"), failure.kind.size()));
  failure.kind =
      "exit code " + std::to_string(outcome.status) + ": " + failure.kind;
  failure.what = outcome.said;
  return failure;
}

std::string inComments(const std::string &text) {
  std::string result = "# ";
  for (size_t i = 0; i < text.size(); ++i) {
    result += text[i];
    if (text[i] == '\n' && i + 1 < text.size())
      result += "# ";
  }
  return result + (result.ends_with('\n') ? "" : "\n");
}

void printReduced(const Function &function, size_t turn,
                  const DimChoices &chosen, const Failure &failure) {
  auto fails = [&](const Function &candidate) {
    Outcome outcome =
        inProcess([&] { return checkAlone(candidate, turn, chosen); });
    return outcome.status != 0 && failureOf(outcome).kind == failure.kind;
  };
  std::printf("%s%s\n",
              inComments("@" + function.name + ": " + failure.kind + ": " +
                         failure.what)
                  .c_str(),
              print(*reduceFunction(function, fails)).c_str());
  std::fflush(stdout);
}

void addNames(const Block &block, std::set<std::string_view> &names) {
  for (const auto &op : block.operations()) {
    names.insert(op->name());
    for (int64_t i = 0; i < op->regionCount(); ++i)
      addNames(op->region(i), names);
  }
}

/// The ops of the graph stage that do not occur. An `empty` has no elements to
/// compare.
std::string missingOps(const Module &module) {
  std::set<std::string_view> names = {"empty"};
  for (const auto &function : module.functions)
    addNames(function->body, names);
  std::string missing;
  for (const OpDef *op : allOps())
    if ((op->stages & Graph) && !names.contains(op->name))
      missing += (missing.empty() ? "" : ", ") + std::string(op->name);
  return missing;
}

} // namespace

int checkGraphs(const Module &module, const DimChoices &chosen, bool everyOp) {
  Counts sum;
  auto addCounts = [&](const Outcome &outcome) {
    Counts counts;
    if (outcome.status ||
        std::sscanf(outcome.said.c_str(), "%lld %lld %lld %lld",
                    &counts.results, &counts.elements, &counts.unbounded,
                    &counts.stopped) != 4)
      return false;
    sum += counts;
    return true;
  };
  const size_t count = module.functions.size();
  auto function = [&](size_t i) -> const Function & {
    return *module.functions[i];
  };
  // To start a process takes time: many share one, and only if one of them
  // fails they are taken one by one.
  constexpr size_t together = 16;
  std::vector<size_t> suspects;
  inProcesses((count + together - 1) / together,
              [&](size_t group) {
                Counts counts;
                for (size_t i = group * together;
                     i < std::min((group + 1) * together, count); ++i) {
                  GraphCheck check(function(i), i, chosen);
                  if (check.run())
                    return 1;
                  counts += check.counts;
                }
                counts.print();
                return 0;
              },
              [&](size_t group, const Outcome &outcome) {
                if (!addCounts(outcome))
                  for (size_t i = group * together;
                       i < std::min((group + 1) * together, count); ++i)
                    suspects.push_back(i);
              });
  std::vector<std::pair<size_t, Failure>> failures;
  inProcesses(
      suspects.size(),
      [&](size_t n) {
        return checkAlone(function(suspects[n]), suspects[n], chosen);
      },
      [&](size_t n, const Outcome &outcome) {
        if (!addCounts(outcome))
          failures.emplace_back(suspects[n], failureOf(outcome));
      });
  // One fault shows in many graphs, and to reduce one takes seconds.
  constexpr size_t mostReduced = 5;
  std::set<std::string> kinds;
  for (const auto &[i, failure] : failures)
    if (kinds.size() < mostReduced && kinds.insert(failure.kind).second)
      printReduced(function(i), i, chosen, failure);
    else
      std::printf("# @%s: %s\n", function(i).name.c_str(),
                  failure.kind.c_str());
  double share = 100 * static_cast<double>(sum.unbounded) /
                 static_cast<double>(std::max(1LL, sum.elements));
  std::printf("# %zu functions, %lld comparisons, %zu failures\n", count,
              sum.results, failures.size());
  std::printf("# %.2f %% of %lld elements have no bound, %lld runs stop\n",
              share, sum.elements, sum.stopped);
  std::string missing = everyOp ? missingOps(module) : "";
  if (!missing.empty())
    std::printf("# no function has %s\n", missing.c_str());
  return failures.empty() && missing.empty() ? 0 : 1;
}

} // namespace nnc
