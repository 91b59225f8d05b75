//===- From tensors to memory: loops over buffers -----------------------===//
//
// The function's arguments become buffers; behind them stand a buffer for each
// result and one for each tensor that lives between kernels. A result that is
// the new value of a variable whose old value is an argument is written in
// place, if nobody reads the old value later.
//
//===----------------------------------------------------------------------===//
#include "ir/check.h"
#include "ir/kernels/buffers.h"
#include "ir/kernels/kernel_loops.h"
#include "ir/kernels/scan_loops.h"
#include "ir/kernels/variable_updates.h"
#include "ir/pass.h"

#include <algorithm>
#include <set>

namespace nnc {

extern const Pass pass_lower_to_loops;

namespace {

class Lowering {
public:
  Lowering(Function &function, const PassContext &context)
      : function(function), context(context),
        arguments(function.body.argumentCount()),
        old(oldValues(function, arguments)), buffers(function),
        builder(buffers.builder) {}

  void run() {
    placeUpdates(function, old);
    buffers.loops.shared = [this](const Type &type) {
      return buffers.temporary(type, "").buffer;
    };
    if (leavesWeights(function))
      buffers.loops.kept = &kept;
    argumentsToBuffers();
    resultsToBuffers();
    Op *end = function.body.terminator();
    std::vector<Op *> ops;
    for (const auto &op : function.body.operations())
      if (op.get() != end)
        ops.push_back(op.get());
    for (Op *op : ops) {
      buffers.nextStep();
      builder.setInsertionBefore(op);
      lower(*op);
    }
    handOut(end);
    for (size_t i = ops.size(); i-- > 0;)
      ops[i]->erase();
    buffers.finish();
    function.resultAttrs.clear();
    function.attrs.set("arguments", arguments);
    function.attrs.set("results", static_cast<int64_t>(resultBuffers.size()));
    function.attrs.set("scratch", buffers.loops.finishScratch());
    if (keepsAny)
      function.attrs.set("keeps", true);
  }

private:
  void argumentsToBuffers() {
    for (int64_t i = 0; i < arguments; ++i) {
      Value *argument = function.body.argument(i);
      argument->setType(Buffers::typeOf(argument->type()));
      buffers.set(argument, TensorRef::whole(argument));
      if (function.argAttrs[i].find("variable"))
        ofWeights.insert(argument);
    }
  }

  void resultsToBuffers() {
    const Op *end = function.body.terminator();
    for (int64_t i = 0; i < end->operandCount(); ++i) {
      Value *value = end->operand(i);
      AttrDict attrs = function.resultAttrs[i];
      attrs.set("result", i);
      Value *buffer = function.addArgument(Buffers::typeOf(tensorType(*value)),
                                           value->hint, attrs);
      resultBuffers.push_back(buffer);
      std::string_view whyNot = whyNotDirect(*value, i);
      if (whyNot.empty())
        buffers.wish(value, TensorRef::whole(buffer));
      else if (old[i] >= 0 && value->definingOp())
        missUpdate(*value, i, whyNot);
    }
  }

  /// Why a result is not computed in its own memory; "" if it is.
  std::string_view whyNotDirect(const Value &value, int64_t result) const {
    const Op *producer = value.definingOp();
    bool isVariable = old[result] >= 0;
    if (producer && producer->is("scan") && isVariable)
      return "it comes out of a loop";
    if (!producer || !(producer->is("kernel") || producer->is("scan")))
      return "no kernel computes it";
    if (buffers.hasWish(&value))
      return "another result is the same value";
    return isVariable ? whyNotOver(*function.body.argument(old[result]),
                                   *producer, value.index())
                      : "";
  }

  void missUpdate(const Value &value, int64_t result,
                  std::string_view whyNot) const {
    if (!context.records())
      return;
    const Attr &name = *function.resultAttrs[result].find("variable");
    Type type = tensorType(value);
    Location location = value.definingOp()->location;
    location.layer = std::make_shared<const std::string>(name.asString());
    context.record({.rule = pass_lower_to_loops.name,
                    .missed = true,
                    .text = "a variable's new value is computed beside it and "
                            "copied: " +
                            std::string(whyNot),
                    .location = std::move(location),
                    .before = {0, elementCount(type.shape()) * 2 *
                                      elemBytes(type.elem())}});
  }

  void lower(Op &op) {
    builder.location = op.location;
    if (op.is("kernel"))
      kernel(op);
    else if (op.is("reshape"))
      reshape(op);
    else if (op.is("again"))
      buffers.set(op.result(), buffers.at(op.operand(0)));
    else if (op.is("constant"))
      constant(op);
    else if (op.is("empty"))
      buffers.set(op.result(), buffers.temporary(op.result()->type(), ""));
    else if (op.is("scan"))
      emitScan(buffers, op, [this](Op &inner) { lower(inner); });
    else
      internalError("op " + std::string(op.name()) +
                    " has no lowering to loops");
  }

  void constant(Op &op) {
    Value *global = builder.op("global", {}, {{"value", op.attr("value")}},
                               {Buffers::typeOf(op.result()->type())});
    ofWeights.insert(global);
    buffers.set(op.result(), TensorRef::whole(global));
  }

  /// Whether what a kernel computes is the same as long as the weights are.
  /// What is as large as an input would take its memory for good.
  bool isOfWeights(const Op &op) {
    if (!buffers.loops.kept || op.parentBlock() != &function.body)
      return false;
    for (int64_t i = 0; i < op.resultCount(); ++i)
      if (buffers.hasWish(op.result(i)) || operandWrittenInto(op, i) ||
          isWrittenInto(*op.result(i)) ||
          !elementCount(op.result(i)->type().shape()).isConstant())
        return false;
    return std::ranges::all_of(op.operands(), [&](const Value *operand) {
      return kept.isOfWeights(buffers.at(operand));
    });
  }

  void keptKernel(Op &op) {
    Refs operands = buffers.operandsOf(op);
    std::vector<Refs> results;
    for (int64_t i = 0; i < op.resultCount(); ++i) {
      TensorRef place = TensorRef::whole(kept.memory(op.result(i)->type()));
      results.push_back({place});
      buffers.set(op.result(i), place);
    }
    buffers.loops.inFirstRuns(1, [&] {
      for (TensorRef &operand : operands)
        operand = buffers.loops.inFront(operand);
      // What it packs it needs once.
      buffers.loops.kept = nullptr;
      emitKernel(buffers.loops, op, operands, results);
      buffers.loops.kept = &kept;
    });
  }

  void kernel(Op &op) {
    if (isOfWeights(op))
      return keptKernel(op);
    Refs operands = buffers.operandsOf(op);
    std::vector<Refs> results;
    for (int64_t i = 0; i < op.resultCount(); ++i) {
      if (std::optional<int64_t> base = operandWrittenInto(op, i)) {
        results.push_back({intoPlace(*op.operand(*base), operands[*base])});
        buffers.set(op.result(i), results.back().front());
      } else {
        results.push_back(buffers.computeIn(op.result(i)));
      }
    }
    emitKernel(buffers.loops, op, operands, results);
    builder.create("barrier", {});
    // Of a part of a buffer the rest may not have been written yet.
    for (int64_t i = 0; i < op.resultCount(); ++i)
      if (const TensorRef &place = results[i].front(); place.isWhole())
        buffers.trace(op, i, place.buffer);
  }

  /// The value's own memory, if it is not needed afterwards: a constant, and
  /// what is kept, is needed in the next run.
  TensorRef intoPlace(const Value &value, const TensorRef &from) {
    bool dies =
        !value.owner() && value.uses().size() == 1 && !kept.isOfWeights(from);
    return dies ? from : saved(value, from);
  }

  /// A copy in memory of its own.
  TensorRef saved(const Value &value, const TensorRef &from) {
    Type type = tensorType(value);
    TensorRef copy = buffers.temporary(type, value.hint);
    buffers.copy(from, copy, type.shape());
    return copy;
  }

  void reshape(const Op &op) {
    TensorRef from = buffers.at(op.operand(0));
    if (!from.isWhole()) {
      Type type = tensorType(*op.operand(0));
      TensorRef dense = buffers.temporary(type, "");
      buffers.copy(from, dense, type.shape());
      from = dense;
    }
    Value *view = builder.op("view", {from.buffer}, {},
                             {Buffers::typeOf(op.result()->type())});
    buffers.set(op.result(), TensorRef::whole(view));
  }

  /// The type of a value, also of an argument that has become a buffer.
  static Type tensorType(const Value &value) {
    const Type &type = value.type();
    return type.isBuffer() ? Type::tensor(type.elem(), type.shape()) : type;
  }

  /// Whether `memory` holds a variable that another result than `i` gives a
  /// new value.
  bool isOldValueOfAnother(const Value *memory, int64_t i) const {
    if (memory->owner() != &function.body || memory->index() >= arguments)
      return false;
    const Op *end = function.body.terminator();
    for (int64_t j = 0; j < end->operandCount(); ++j)
      if (j != i && old[j] == memory->index() && end->operand(j) != memory)
        return true;
    return false;
  }

  void handOut(Op *end) {
    buffers.nextStep();
    builder.setInsertionBefore(end);
    // What is another variable's old value is saved before that is overwritten:
    // two variables may change places.
    Refs results;
    for (int64_t i = 0; i < end->operandCount(); ++i) {
      TensorRef from = buffers.at(end->operand(i));
      results.push_back(isOldValueOfAnother(Buffers::memoryOf(from.buffer), i)
                            ? saved(*resultBuffers[i], from)
                            : from);
    }
    for (int64_t i = 0; i < end->operandCount(); ++i) {
      if (results[i].buffer == resultBuffers[i])
        continue;
      // A variable that keeps its value.
      if (old[i] >= 0 && results[i].buffer == function.body.argument(old[i]))
        continue;
      buffers.copy(results[i], TensorRef::whole(resultBuffers[i]),
                   resultBuffers[i]->type().shape());
    }
    while (end->operandCount())
      end->eraseOperand(end->operandCount() - 1);
  }

  Function &function;
  const PassContext &context;
  const int64_t arguments;
  const std::vector<int64_t> old; ///< Of each result: oldValues.
  Buffers buffers;
  Builder &builder;
  std::vector<Value *> resultBuffers;
  std::set<const Value *> ofWeights; ///< Memory of what hangs on them alone.
  bool keepsAny = false;
  Kept kept{
      .body = function.body,
      .isOfWeights =
          [this](const TensorRef &ref) {
            return ofWeights.contains(Buffers::memoryOf(ref.buffer));
          },
      .memory =
          [this](const Type &type) {
            keepsAny = true;
            Value *buffer = buffers.kept(type, "").buffer;
            ofWeights.insert(buffer);
            return buffer;
          },
  };
};

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  Lowering(function, context).run();
  return std::nullopt;
}

const Pass pass_lower_to_loops = {
    .name = "lower-to-loops",
    .doc = "Turns tensors into buffers and kernels into loops over tiles.",
    .from = Kernels,
    .to = Loops,
    .run = run,
};

} // namespace nnc
