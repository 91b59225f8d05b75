#include "tools/work.h"

#include "tools/at_sizes.h"

#include <algorithm>
#include <optional>

namespace nnc {
namespace {

/// Quick code takes about a nanosecond for each.
constexpr double fewOperations = 4e6;

/// What a block executes; an axis of a loop is where the loop begins. As a
/// floating-point number, which does not overflow.
double operationsOf(const Block &block, Sizes &sizes) {
  double sum = 0;
  auto size = [&](const Op &op, std::string_view name) {
    return static_cast<double>(at(op.attr(name).asDim(), sizes).value());
  };
  for (const auto &op : block.operations()) {
    double inside = 0, turns = 1;
    if (op->is("for")) {
      int64_t from = at(op->attr("from").asDim(), sizes).value();
      sizes[op->attr("axis").asString()] = from;
      turns = std::max(0.0, (size(*op, "to") - static_cast<double>(from)) /
                                op->attr("step").asInt());
    }
    if (op->is("brgemm")) {
      inside = size(*op, "rows") * size(*op, "columns");
      for (const Dim &extent : op->attr("reduce").asDims())
        inside *= static_cast<double>(at(extent, sizes).value());
    }
    for (int64_t i = 0; i < op->regionCount(); ++i)
      inside += operationsOf(op->region(i), sizes);
    sum += 1 + turns * inside;
  }
  return sum;
}

/// Nothing if the function has several sizes: those of data.
std::optional<double> operationsOf(const Program &program,
                                   const std::string &name, int64_t batch) {
  const Function *function = program.module.find(name);
  if (!function)
    return 0;
  std::vector<std::string> symbols = function->dimSymbols();
  if (symbols.size() > 1)
    return std::nullopt;
  Sizes sizes;
  for (const std::string &symbol : symbols)
    sizes[symbol] = batch;
  return operationsOf(function->body, sizes);
}

/// Nothing if the data stand in files.
std::optional<int64_t> examplesOf(const Program &program,
                                  const TrainEntry &train) {
  int64_t examples = 1;
  for (int64_t source : train.sources)
    for (const DataColumn &column : program.sources[source].columns) {
      if (program.sources[source].kind != DataSource::Literal ||
          column.literal.shape.empty())
        return std::nullopt;
      examples = std::max(examples, column.literal.shape[0]);
    }
  return examples;
}

std::optional<double> operationsOf(const Program &program,
                                   const TrainEntry &train) {
  std::optional<int64_t> examples = examplesOf(program, train);
  if (!examples)
    return std::nullopt;
  std::vector<std::string> functions = {train.initFunction};
  for (const StepEntry &step : train.steps) {
    functions.push_back(step.function);
    functions.push_back(step.updateFunction);
  }
  for (const Evaluation &metric : train.metrics)
    functions.push_back(metric.function);
  double sum = 0;
  for (const std::string &name : functions) {
    std::optional<double> count = operationsOf(program, name, train.batch);
    if (!count)
      return std::nullopt;
    sum += *count;
  }
  double batches = static_cast<double>((*examples - 1) / train.batch + 1);
  return sum * batches * static_cast<double>(train.epochs);
}

} // namespace

bool hasLittleWork(const Program &program) {
  double sum = 0;
  auto add = [&](std::optional<double> count) {
    sum += count.value_or(2 * fewOperations);
  };
  add(operationsOf(program, program.initFunction, 1));
  for (const TestEntry &test : program.tests)
    add(operationsOf(program, test.function, 1));
  for (const TrainEntry &train : program.trains)
    add(operationsOf(program, train));
  return sum < fewOperations;
}

} // namespace nnc
