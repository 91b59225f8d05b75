#include "tools/check_graphs.h"

#include "ir/op_def.h"
#include "ir/printer.h"
#include "tools/graph_check.h"
#include "tools/processes.h"
#include "tools/reduce.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace nnc {

namespace {

void print(const GraphCounts &counts) {
  std::printf("%lld %lld %lld %lld\n", counts.results, counts.elements,
              counts.unbounded, counts.stopped);
}

/// In a process of its own: a failure's lines, or the counts.
int checkAlone(const Function &function, size_t turn,
               const DimChoices &chosen) {
  GraphCounts counts;
  if (auto failure = checkGraph(function, turn, chosen, counts)) {
    std::printf("%s\n%s\n", failure->kind.c_str(), failure->what.c_str());
    return 1;
  }
  print(counts);
  return 0;
}

/// The first line says where; of a crash, what the process said without the
/// numbers in it, which change while it is reduced.
GraphFailure failureOf(const Outcome &outcome) {
  size_t end = std::min(outcome.said.find('\n'), outcome.said.size());
  GraphFailure failure{outcome.said.substr(0, end), ""};
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
                  const DimChoices &chosen, const GraphFailure &failure) {
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
  GraphCounts sum;
  auto addCounts = [&](const Outcome &outcome) {
    GraphCounts counts;
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
                GraphCounts counts;
                for (size_t i = group * together;
                     i < std::min((group + 1) * together, count); ++i)
                  if (checkGraph(function(i), i, chosen, counts))
                    return 1;
                print(counts);
                return 0;
              },
              [&](size_t group, const Outcome &outcome) {
                if (!addCounts(outcome))
                  for (size_t i = group * together;
                       i < std::min((group + 1) * together, count); ++i)
                    suspects.push_back(i);
              });
  std::vector<std::pair<size_t, GraphFailure>> failures;
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
