#include "ir/interpreter.h"

#include "ir/check.h"
#include "ir/error_bound.h"
#include "ir/op_def.h"
#include "ir/wrapping.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace nnc {

int64_t evaluateDim(const Dim &dim, const DimBinding &dims) {
  std::optional<int64_t> value =
      dim.evaluate([&](std::string_view name) -> std::optional<int64_t> {
        auto found = dims.find(name);
        if (found == dims.end())
          return std::nullopt;
        return found->second;
      });
  if (!value)
    internalError("size " + dim.str() + " is not known");
  return *value;
}

Extents evaluateShape(const Shape &shape, const DimBinding &dims) {
  Extents extents;
  for (const Dim &dim : shape)
    extents.push_back(evaluateDim(dim, dims));
  return extents;
}

double convertTo(Elem elem, double value) {
  if (elem == Elem::Bool)
    return value != 0;
  return isInteger(elem) ? std::trunc(value) : value;
}

bool advance(Extents &index, const Extents &shape) {
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (++index[axis] < shape[axis])
      return true;
    index[axis] = 0;
  }
  return false;
}

/// One run of a function.
class Interpretation {
public:
  Interpretation(DimBinding dims, bool boundsErrors)
      : dims(std::move(dims)), boundsErrors(boundsErrors) {}

  RunResult run(const Function &function, std::vector<Tensor> inputs) {
    RunResult result;
    for (Tensor &input : inputs)
      bound(input);
    result.values = isLowered(function)
                        ? runLowered(function, inputs)
                        : run(function.body, std::vector<Tensor>(inputs.begin(),
                                                                 inputs.end()));
    result.error = error;
    result.location = location;
    return result;
  }

  std::vector<Tensor> run(const Block &block, std::vector<Tensor> arguments) {
    ++depth;
    for (int64_t i = 0; i < block.argumentCount(); ++i)
      values[block.argument(i)] = std::move(arguments[i]);
    for (const auto &op : block.operations()) {
      if (op.get() == block.terminator())
        break;
      evaluate(*op);
      if (!error.empty())
        return {};
    }
    std::erase_if(allocations,
                  [&](const Allocation &each) { return each.depth == depth; });
    --depth;
    std::vector<Tensor> handedOn;
    for (Value *value : block.terminator()->operands())
      handedOn.push_back(values.at(value));
    return handedOn;
  }

private:
  friend class EvaluationContext;

  std::vector<Tensor> runLowered(const Function &function,
                                 const std::vector<Tensor> &inputs) {
    const Block &body = function.body;
    dims.try_emplace(std::string(runsSymbol), 0);
    scratchBytes = evaluateDim(function.attrs.find("scratch")->asDim(), dims);
    std::vector<int64_t> resultPlaces;
    for (int64_t i = 0; i < body.argumentCount(); ++i) {
      Value *argument = body.argument(i);
      Memory memory(Memory::Shared,
                    evaluateShape(argument->type().shape(), dims), team);
      if (i < inputCount(function))
        for (int64_t place = 0; place < memory.size(); ++place)
          memory.set(place, inputs[i].element(place));
      else if (int64_t home = memoryOf(function, i); home != i)
        memory = memories.at(body.argument(home));
      memories.emplace(argument, memory);
      if (function.argAttrs[i].find("result"))
        resultPlaces.push_back(i);
    }
    run(body, std::vector<Tensor>(body.argumentCount()));
    std::vector<Tensor> results;
    for (int64_t i : resultPlaces) {
      const Memory &memory = memories.at(body.argument(i));
      Tensor &result =
          results.emplace_back(body.argument(i)->type().elem(), memory.shape());
      for (int64_t place = 0; place < memory.size(); ++place)
        result.set(place, memory.element(place));
    }
    return results;
  }

  void stop(const Op &op, std::string why) {
    if (!error.empty())
      return;
    error = std::move(why);
    location = op.location;
  }

  void evaluate(const Op &op) {
    if (!op.def().evaluate)
      internalError("op " + std::string(op.name()) +
                    " has no reference meaning: " + op.def().evaluate.whyNot);
    std::vector<const Tensor *> operands;
    for (Value *operand : op.operands())
      operands.push_back(operand->type().isBuffer() ? nullptr
                                                    : &values.at(operand));
    std::vector<Tensor> results = apply(op, operands);
    if (boundsErrors && error.empty()) {
      boundErrors(op, operands, results,
                  [&](const auto &moved) { return apply(op, moved); });
      for (Tensor &result : results)
        bound(result);
    }
    for (int64_t i = 0; i < op.resultCount(); ++i)
      if (!op.result(i)->type().isBuffer())
        values[op.result(i)] = std::move(results[i]);
  }

  std::vector<Tensor> apply(const Op &op,
                            const std::vector<const Tensor *> &operands) {
    EvaluationContext context(op, *this, dims);
    context.operands = operands;
    for (int64_t i = 0; i < op.resultCount(); ++i) {
      const Type &type = op.result(i)->type();
      context.results.emplace_back(
          type.elem(), type.isBuffer()   ? Extents{0}
                       : type.isVector() ? Extents{type.lanes()}
                                         : evaluateShape(type.shape(), dims));
    }
    op.def().evaluate.rule(context);
    for (Tensor &result : context.results)
      if (result.elem == Elem::I32)
        for (double &element : result.data)
          element = wrapped(Elem::I32, element);
    return std::move(context.results);
  }

  void bound(Tensor &tensor) const {
    if (boundsErrors)
      boundRepresentation(tensor);
  }

  /// Bytes of scratch memory in use, until the end of the block in which they
  /// are allocated or, if they are not held, a barrier.
  struct Allocation {
    int64_t from, to, depth;
    bool isHeld;
    Memory memory;
  };

  DimBinding dims;
  bool boundsErrors;
  std::unordered_map<const Value *, Tensor> values;
  std::unordered_map<const Value *, Memory> memories;
  Team team;
  int64_t scratchBytes = 0;
  std::vector<Allocation> allocations;
  int64_t depth = 0; ///< Of blocks, one in the other.
  std::string error;
  Location location;
};

std::vector<Tensor> EvaluationContext::run(const Block &region,
                                           std::vector<Tensor> arguments) {
  return interpretation.run(region, std::move(arguments));
}

void EvaluationContext::stop(std::string why) {
  interpretation.stop(op, std::move(why));
}

bool EvaluationContext::stopped() const {
  return !interpretation.error.empty();
}

Team &EvaluationContext::team() { return interpretation.team; }

void EvaluationContext::barrier() {
  interpretation.team.barrier();
  std::erase_if(interpretation.allocations,
                [](const auto &each) { return !each.isHeld; });
}

Memory &EvaluationContext::memory(int64_t i) const {
  return interpretation.memories.at(op.operand(i));
}

void EvaluationContext::giveMemory(Memory memory) {
  interpretation.memories.insert_or_assign(op.result(), std::move(memory));
}

void EvaluationContext::giveScratch(int64_t offset, bool isHeld) {
  const Type &type = op.result()->type();
  Memory memory(isHeld ? Memory::Held : Memory::Scratch, extents(type.shape()),
                team());
  int64_t end = offset + memory.size() * elemBytes(type.elem());
  if (offset < 0 || end > interpretation.scratchBytes)
    return stop("alloc: bytes " + std::to_string(offset) + " to " +
                std::to_string(end) + " are outside of the " +
                std::to_string(interpretation.scratchBytes) +
                " bytes of scratch memory");
  auto overlaps = [&](const auto &other) {
    return offset < other.to && other.from < end;
  };
  for (auto &other : interpretation.allocations)
    if (overlaps(other) && !(isHeld && other.isHeld))
      return stop("alloc: bytes " + std::to_string(offset) + " to " +
                  std::to_string(end) + " overlap with bytes " +
                  std::to_string(other.from) + " to " +
                  std::to_string(other.to) + ", which are in use");
    else if (overlaps(other))
      other.memory.end();
  std::erase_if(interpretation.allocations, overlaps);
  interpretation.allocations.push_back(
      {offset, end, interpretation.depth, isHeld, memory});
  giveMemory(std::move(memory));
}

/// Names the op and the buffer.
void EvaluationContext::stopAt(int64_t i, const std::string &what) {
  const Value *buffer = op.operand(i);
  stop(std::string(op.name()) + " of " +
       (buffer->hint.empty() ? "operand " + std::to_string(i)
                             : "%" + buffer->hint) +
       ": " + what);
}

std::optional<int64_t> EvaluationContext::place(int64_t i,
                                                const Extents &index) {
  const Extents &shape = memory(i).shape();
  int64_t place = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (index[axis] < 0 || index[axis] >= shape[axis]) {
      stopAt(i, "index " + std::to_string(index[axis]) +
                    " is out of range for axis " + std::to_string(axis) +
                    ", of size " + std::to_string(shape[axis]));
      return std::nullopt;
    }
    place = place * shape[axis] + index[axis];
  }
  return place;
}

bool EvaluationContext::isInside(int64_t i, int64_t place) {
  int64_t size = memory(i).size();
  if (place >= 0 && place < size)
    return true;
  stopAt(i, "place " + std::to_string(place) + " is out of range for " +
                std::to_string(size) + " elements");
  return false;
}

Element EvaluationContext::read(int64_t i, int64_t place) {
  Element element;
  if (isInside(i, place))
    if (const char *wrong = memory(i).read(place, team(), element))
      stopAt(i, "element " + std::to_string(place) + " " + wrong);
  return element;
}

void EvaluationContext::write(int64_t i, int64_t place, Element element) {
  if (isInside(i, place))
    if (const char *wrong = memory(i).write(place, team(), element))
      stopAt(i, "element " + std::to_string(place) + " " + wrong);
}

RunResult Interpreter::run(std::span<const Tensor> inputs,
                           const DimBinding &dims) const {
  return Interpretation(dims, bounds == With)
      .run(function, std::vector<Tensor>(inputs.begin(), inputs.end()));
}

RunResult interpret(const Function &function, std::span<const Tensor> inputs,
                    const DimBinding &dims) {
  return Interpreter(function).run(inputs, dims);
}

} // namespace nnc
