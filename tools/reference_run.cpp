#include "tools/reference_run.h"

#include "ir/error_bound.h"
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
        dim.evaluate([&](std::string_view name) -> std::optional<int64_t> {
          auto found = dims.find(name);
          if (found == dims.end())
            return std::nullopt;
          return found->second;
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

/// A function of the loop stage says what its buffers are: ir/executor.h.
static std::string wrongSignature(const Function &function) {
  int64_t buffers = 0, count = function.body.argumentCount();
  for (int64_t i = 0; i < count; ++i)
    buffers += function.body.argument(i)->type().isBuffer();
  const Attr *arguments = function.attrs.find("arguments");
  const Attr *scratch = function.attrs.find("scratch");
  if (!arguments)
    return buffers ? "attribute arguments does not say which buffers are given"
                   : "";
  auto isCount = [&](const Attr *attr) {
    return attr && attr->getIf<Dim>() && attr->asDim().isConstant() &&
           attr->asInt() >= 0 && attr->asInt() <= count;
  };
  if (buffers != count || !isCount(arguments) || !scratch ||
      !scratch->getIf<Dim>())
    return "its arguments must be buffers, and attributes arguments and "
           "scratch say how many are given and how much memory it needs";
  return "";
}

std::string whyNotRunnable(const Function &function, const DimBinding &dims) {
  for (const std::string &symbol : function.dimSymbols())
    if (!dims.contains(symbol))
      return "size " + symbol + " has no value";
  if (std::string why = wrongSignature(function); !why.empty())
    return why;
  return unfit(function.body, dims);
}

/// An optimizer's state, of which Adam takes the root: a mean of squares; and
/// how many steps there are, and the number of this one.
static bool isPositive(const AttrDict &input) {
  const Attr *variable = input.find("variable");
  return variable ? variable->asString().starts_with("optimizer.")
                  : input.find("role") != nullptr;
}

std::vector<Tensor> randomInputs(const Function &function,
                                 const DimBinding &dims, uint64_t seed,
                                 Sign sign) {
  std::mt19937_64 bits(seed);
  std::vector<Tensor> inputs;
  for (int64_t i = 0; i < inputCount(function); ++i) {
    const Type &type = function.body.argument(i)->type();
    Tensor &input =
        inputs.emplace_back(type.elem(), evaluateShape(type.shape(), dims));
    bool positive = isPositive(function.argAttrs[i]);
    bool isAbove = positive || sign == Sign::Positive;
    for (double &element : input.data) {
      double unit = static_cast<double>(bits() >> 11) * 0x1p-53;
      double number = isAbove ? unit * 2 : unit * 4 - 2;
      element = isFloat(type.elem())
                    // A float32 exactly, whatever the type.
                    ? static_cast<double>(static_cast<float>(number))
                    : std::floor(unit * 2) + positive;
    }
  }
  return inputs;
}

std::vector<ReferenceRun> referenceRuns(const Function &function,
                                        const DimChoices &chosen) {
  static constexpr int64_t sizes[] = {2, 3, 5};
  std::vector<ReferenceRun> runs;
  std::vector<std::string> symbols = function.dimSymbols();
  bool varies = std::any_of(
      symbols.begin(), symbols.end(), [&](const std::string &symbol) {
        auto found = chosen.find(symbol);
        return found == chosen.end() || found->second.size() > 1;
      });
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
    Sign sign = turn == 1 ? Sign::Positive : Sign::Any;
    std::vector<Tensor> inputs =
        randomInputs(function, dims, sizes[turn], sign);
    RunResult result =
        Interpreter(function, Interpreter::With).run(inputs, dims);
    runs.push_back({std::move(dims), std::move(inputs), std::move(result)});
    if (!varies && turn == 1)
      break;
  }
  return runs;
}

void takeBoundsOf(const Function &function, std::vector<ReferenceRun> &runs) {
  for (ReferenceRun &run : runs) {
    if (!run.result.ok())
      continue;
    RunResult other =
        Interpreter(function, Interpreter::With).run(run.inputs, run.dims);
    for (size_t i = 0; i < other.values.size(); ++i)
      for (int64_t at = 0; at < other.values[i].size(); ++at) {
        Element element = run.result.values[i].element(at);
        element.bound = std::max(element.bound, other.values[i].boundAt(at));
        run.result.values[i].set(at, element);
      }
  }
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

Elem precisionOf(const Function &function) {
  return usesF32(function.body) ? Elem::F32 : Elem::F64;
}

Comparison compareRuns(const Executor &executor,
                       const std::vector<ReferenceRun> &runs, Elem precision) {
  Comparison found;
  for (const ReferenceRun &run : runs) {
    if (!run.result.ok())
      continue;
    std::string sizes;
    for (const auto &[name, value] : run.dims)
      sizes += (sizes.empty() ? " for " : ", ") + name + " = " +
               std::to_string(value);
    auto differ = [&](const std::string &what) {
      found.differences.push_back(what);
    };
    RunResult result = executor.run(run.inputs, run.dims);
    if (!result.ok()) {
      differ("the program stops" + sizes + ": " + result.error);
      continue;
    }
    if (result.values.size() != run.result.values.size()) {
      differ("the number of results is another");
      continue;
    }
    for (size_t i = 0; i < result.values.size(); ++i, ++found.results) {
      found.elements += run.result.values[i].size();
      if (std::string what = difference(run.result.values[i], result.values[i],
                                        precision, found.unbounded);
          !what.empty())
        differ("result " + std::to_string(i) + sizes + ": " + what);
    }
  }
  return found;
}

} // namespace nnc
