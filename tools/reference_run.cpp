#include "tools/reference_run.h"

#include "ir/op_def.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace nnc {

static constexpr int64_t mostElements = 1 << 24;

static std::string unfit(const Type &type, const DimBinding &dims) {
  int64_t count = 1;
  for (const Dim &dim : type.shape()) {
    // An axis of a loop around the op has no value yet.
    std::optional<int64_t> extent =
        dim.evaluate([&](std::string_view name) -> std::optional<Dim> {
          auto found = dims.find(name);
          if (found == dims.end())
            return std::nullopt;
          return Dim(found->second);
        });
    if (!extent)
      continue;
    if (*extent < 0)
      return "an axis of " + type.str() + " has size " +
             std::to_string(*extent);
    if (__builtin_mul_overflow(count, *extent, &count) || count > mostElements)
      return type.str() + " is too large for the reference interpreter";
  }
  return "";
}

static std::string unfit(const Block &block, const DimBinding &dims) {
  for (int64_t i = 0; i < block.argumentCount(); ++i)
    if (std::string why = unfit(block.argument(i)->type(), dims); !why.empty())
      return why;
  for (const auto &op : block.operations()) {
    if (!op->def().evaluate && op.get() != block.terminator())
      return "op " + std::string(op->name()) +
             " has no reference meaning: " + op->def().evaluate.whyNot;
    for (const Type &type : op->resultTypes())
      if (std::string why = unfit(type, dims); !why.empty())
        return why;
    for (int64_t i = 0; i < op->regionCount(); ++i)
      if (std::string why = unfit(op->region(i), dims); !why.empty())
        return why;
  }
  return "";
}

std::string whyNotRunnable(const Function &function, const DimBinding &dims) {
  for (const std::string &symbol : function.dimSymbols())
    if (!dims.contains(symbol))
      return "size " + symbol + " has no value";
  return unfit(function.body, dims);
}

std::vector<Tensor> randomInputs(const Function &function,
                                 const DimBinding &dims, uint64_t seed) {
  std::mt19937_64 bits(seed);
  std::vector<Tensor> inputs;
  for (int64_t i = 0; i < function.body.argumentCount(); ++i) {
    const Type &type = function.body.argument(i)->type();
    Tensor &input =
        inputs.emplace_back(type.elem(), evaluateShape(type.shape(), dims));
    for (double &element : input.data) {
      double unit = static_cast<double>(bits() >> 11) * 0x1p-53;
      element = isFloat(type.elem())
                    // A float32 exactly, whatever the type.
                    ? static_cast<double>(static_cast<float>(unit * 4 - 2))
                    : std::floor(unit * 2);
    }
  }
  return inputs;
}

std::vector<ReferenceRun> referenceRuns(const Function &function,
                                        const DimChoices &chosen) {
  static constexpr int64_t sizes[] = {2, 3, 5};
  std::vector<ReferenceRun> runs;
  std::vector<std::string> symbols = function.dimSymbols();
  for (size_t turn = 0; turn < std::size(sizes); ++turn) {
    DimBinding dims;
    // No two sizes are equal, or axes that change places would not be seen.
    for (size_t i = 0; i < symbols.size(); ++i)
      dims[symbols[i]] = sizes[turn] + static_cast<int64_t>(i);
    for (const auto &[name, choices] : chosen)
      if (auto found = dims.find(name); found != dims.end())
        found->second = choices[turn % choices.size()];
    if (!whyNotRunnable(function, dims).empty())
      continue;
    std::vector<Tensor> inputs = randomInputs(function, dims, sizes[turn]);
    RunResult result = interpret(function, inputs, dims);
    runs.push_back({std::move(dims), std::move(inputs), std::move(result)});
    if (symbols.empty())
      break;
  }
  return runs;
}

static bool usesF32(const Block &block) {
  for (int64_t i = 0; i < block.argumentCount(); ++i)
    if (block.argument(i)->type().elem() == Elem::F32)
      return true;
  for (const auto &op : block.operations()) {
    for (const Type &type : op->resultTypes())
      if (type.elem() == Elem::F32)
        return true;
    for (int64_t i = 0; i < op->regionCount(); ++i)
      if (usesF32(op->region(i)))
        return true;
  }
  return false;
}

std::string difference(const Tensor &before, const Tensor &after,
                       double tolerance) {
  if (before.shape != after.shape)
    return "another shape";
  double largest = 0;
  for (double a : before.data)
    if (std::isfinite(a))
      largest = std::max(largest, std::fabs(a));
  for (int64_t i = 0; i < before.size(); ++i) {
    double a = before.data[i], b = after.data[i];
    bool same = a == b || (std::isnan(a) && std::isnan(b)) ||
                std::fabs(a - b) <= tolerance * (1 + largest);
    if (!same)
      return "element " + std::to_string(i) + " is " + floatText(b) +
             " and was " + floatText(a);
  }
  return "";
}

std::string compareRuns(const Function &function,
                        const std::vector<ReferenceRun> &runs) {
  // The interpreter is exact; a folded f32 constant is rounded.
  double tolerance = usesF32(function.body) ? 1e-5 : 1e-10;
  for (const ReferenceRun &run : runs) {
    if (!run.result.ok())
      continue;
    std::string sizes;
    for (const auto &[name, value] : run.dims)
      sizes += (sizes.empty() ? " for " : ", ") + name + " = " +
               std::to_string(value);
    if (!whyNotRunnable(function, run.dims).empty())
      return "";
    RunResult result = interpret(function, run.inputs, run.dims);
    if (!result.ok())
      return "the program stops" + sizes + ": " + result.error;
    if (result.values.size() != run.result.values.size())
      return "the number of results is another";
    for (size_t i = 0; i < result.values.size(); ++i)
      if (std::string what =
              difference(run.result.values[i], result.values[i], tolerance);
          !what.empty())
        return "result " + std::to_string(i) + sizes + ": " + what;
  }
  return "";
}

} // namespace nnc
