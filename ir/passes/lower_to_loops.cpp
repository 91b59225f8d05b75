//===- From tensors to memory: loops over buffers -----------------------===//
//
// The function's arguments become buffers; behind them stand a buffer for each
// result and one for each tensor that lives between kernels. A result that is
// the new value of a variable whose old value is an argument is written in
// place, if nobody reads the old value later.
//
//===----------------------------------------------------------------------===//
#include "ir/check.h"
#include "ir/kernels/kernel_loops.h"
#include "ir/kernels/nest.h"
#include "ir/kernels/nest_loops.h"
#include "ir/kernels/trace_text.h"
#include "ir/pass.h"
#include "ir/scan.h"

#include <algorithm>
#include <set>

namespace nnc {

namespace {

using Refs = std::vector<TensorRef>;

class Lowering {
public:
  explicit Lowering(Function &function)
      : function(function), builder(function.body), loops(builder) {}

  void run() {
    arguments = function.body.argumentCount();
    sinkUpdates();
    argumentsToBuffers();
    resultsToBuffers();
    std::vector<Op *> ops = opsOf(function.body);
    for (Op *op : ops) {
      ++step;
      builder.setInsertionBefore(op);
      lower(op);
    }
    handOut(function.body.terminator());
    for (size_t i = ops.size(); i-- > 0;)
      ops[i]->erase();
    finish();
  }

private:
  static std::vector<Op *> opsOf(Block &block) {
    std::vector<Op *> ops;
    for (const auto &op : block.operations())
      if (op.get() != block.terminator())
        ops.push_back(op.get());
    return ops;
  }

  const Attr *variableOfResult(int64_t i) const {
    return function.resultAttrs[i].find("variable");
  }

  /// The argument that holds the old value of the variable that result `i`
  /// is the new value of; -1 if there is none.
  int64_t oldValueOf(int64_t i) const {
    const Attr *variable = variableOfResult(i);
    for (int64_t a = 0; variable && a < arguments; ++a)
      if (const Attr *mine = function.argAttrs[a].find("variable"))
        if (*mine == *variable)
          return a;
    return -1;
  }

  /// Moves kernels that only give variables their new values to the end, so
  /// that the old values have been read by then.
  void sinkUpdates() {
    Op *end = function.body.terminator();
    std::set<const Op *> sinks{end};
    std::vector<Op *> ops = opsOf(function.body), moved;
    for (size_t i = ops.size(); i-- > 0;) {
      if (!ops[i]->is("kernel"))
        continue;
      bool writes = false, only = true;
      for (int64_t r = 0; r < ops[i]->resultCount(); ++r)
        for (const Value::Use &use : ops[i]->result(r)->uses()) {
          only &= sinks.contains(use.op);
          writes |= use.op == end && variableOfResult(use.operand);
        }
      if (writes && only) {
        sinks.insert(ops[i]);
        moved.push_back(ops[i]);
      }
    }
    for (size_t i = moved.size(); i-- > 0;)
      moved[i]->moveBefore(end);
  }

  static Type bufferOf(const Type &type) {
    return Type::buffer(type.elem(), type.shape());
  }

  void argumentsToBuffers() {
    for (int64_t i = 0; i < arguments; ++i) {
      Value *argument = function.body.argument(i);
      buffers.push_back(argument);
      types.push_back(argument->type());
      argument->setType(bufferOf(argument->type()));
      refs[argument] = TensorRef::whole(argument);
    }
  }

  void resultsToBuffers() {
    Op *end = function.body.terminator();
    for (int64_t i = 0; i < end->operandCount(); ++i) {
      Value *value = end->operand(i);
      AttrDict attrs = function.resultAttrs[i];
      attrs.set("result", i);
      const Type &type = value->owner() ? types[value->index()] : value->type();
      Value *buffer = function.addArgument(bufferOf(type), value->hint, attrs);
      resultBuffers.push_back(buffer);
      int64_t old = oldValueOf(i);
      Op *producer = value->definingOp();
      bool direct = producer && producer->is("kernel") &&
                    !destination.contains(value) &&
                    (old < 0 || mayOverwrite(old, *producer, value->index()));
      if (direct)
        destination[value] = buffer;
    }
  }

  /// Whether `kernel` may write its result over argument `old`: later nobody
  /// reads it, and the kernel itself reads of it only the elements of the tile
  /// in hand, before it writes them.
  bool mayOverwrite(int64_t old, const Op &kernel, int64_t result) const {
    Value *argument = function.body.argument(old);
    for (const Value::Use &use : argument->uses()) {
      if (use.op != &kernel && !use.op->isBefore(&kernel))
        return false;
      if (use.op->is("reshape"))
        return false;
    }
    const Block &body = kernel.region();
    const Value *written = body.terminator()->operand(result);
    if (!written->definingOp())
      return false;
    Nest writer(written->definingOp());
    if (writer.isContraction() || writer.into || !writer.loaded.empty())
      return false;
    const Shape &place = writer.results[written->index()];
    for (int64_t i = 0; i < kernel.operandCount(); ++i) {
      if (kernel.operand(i) != argument)
        continue;
      for (const Value::Use &use : body.argument(i)->uses()) {
        Nest reader(use.op);
        if (reader.isContraction() || reader.into || !reader.loaded.empty() ||
            use.operand >= reader.loadCount() ||
            !(reader.maps[use.operand] == place) ||
            (use.op != writer.op && !use.op->isBefore(writer.op)))
          return false;
      }
    }
    return true;
  }

  // Ops.

  const TensorRef &ref(Value *value) {
    TensorRef &found = refs.at(value);
    touch(found.buffer);
    return found;
  }

  Refs operandRefs(const Op &op) {
    Refs result;
    for (Value *operand : op.operands())
      result.push_back(ref(operand));
    return result;
  }

  void lower(Op *op) {
    builder.location = op->location;
    if (op->is("kernel"))
      kernel(op);
    else if (op->is("reshape"))
      reshape(op);
    else if (op->is("constant"))
      refs[op->result()] = TensorRef::whole(
          builder.op("global", {}, {{"value", op->attr("value")}},
                     {bufferOf(op->result()->type())}));
    else if (op->is("empty"))
      refs[op->result()] = temporary(op->result()->type(), "");
    else if (op->is("scan"))
      scan(op);
    else
      internalError("op " + std::string(op->name()) +
                    " has no lowering to loops");
  }

  /// A place for `value`: where it is handed out, or memory of its own.
  TensorRef placeFor(Value *value) {
    auto found = destination.find(value);
    if (found != destination.end())
      return TensorRef::whole(found->second);
    auto planned = placed.find(value);
    if (planned != placed.end())
      return planned->second;
    return temporary(value->type(), value->hint);
  }

  TensorRef temporary(const Type &type, const std::string &hint) {
    AttrDict attrs{{"temporary", static_cast<int64_t>(temporaries.size())}};
    Value *buffer = function.addArgument(bufferOf(type), hint, attrs);
    temporaries.push_back({buffer, step, step});
    return TensorRef::whole(buffer);
  }

  /// The memory that `buffer` is or views.
  static Value *memoryOf(Value *buffer) {
    while (buffer->definingOp() && buffer->definingOp()->is("view"))
      buffer = buffer->definingOp()->operand(0);
    return buffer;
  }

  void touch(Value *buffer) {
    for (Temporary &each : temporaries)
      if (each.buffer == memoryOf(buffer))
        each.lastUse = step;
  }

  void kernel(Op *op) {
    Refs operands = operandRefs(*op), results;
    for (int64_t i = 0; i < op->resultCount(); ++i) {
      std::optional<int64_t> base = operandWrittenInto(*op, i);
      results.push_back(base ? intoPlace(op, *base, operands[*base])
                             : placeFor(op->result(i)));
      refs[op->result(i)] = results.back();
    }
    emitKernel(loops, *op, operands, results);
    builder.create("barrier", {});
    if (function.attrs.find("traced"))
      trace(*op, results);
  }

  /// What training looks at to find where a NaN comes from. A part of a buffer
  /// is left out: the rest of it may not have been written yet.
  void trace(const Op &op, const Refs &results) {
    std::string text = traceText(op);
    for (const TensorRef &result : results)
      if (!text.empty() && result.isWhole() &&
          isFloat(result.buffer->type().elem()))
        builder.create("trace", {result.buffer}, {{"text", text}});
  }

  /// The kernel's operand whose elements result `i` keeps where it does not
  /// write.
  static std::optional<int64_t> operandWrittenInto(const Op &op, int64_t i) {
    const Value *value = op.region().terminator()->operand(i);
    if (!value->definingOp() || !value->definingOp()->findAttr("into"))
      return std::nullopt;
    const Op &nest = *value->definingOp();
    return nest.operand(nest.operandCount() - 1)->index();
  }

  /// The operand's own memory, if it is not needed afterwards.
  TensorRef intoPlace(Op *op, int64_t operand, const TensorRef &from) {
    Value *value = op->operand(operand);
    bool dies = !value->owner() && value->uses().size() == 1;
    if (dies)
      return from;
    TensorRef copy = temporary(value->type(), value->hint);
    emitCopy(from, copy, value->type().shape());
    return copy;
  }

  /// All threads copy a part of it, or a scalar to all of it; then they wait.
  void emitCopy(const TensorRef &from, const TensorRef &to,
                const Shape &shape) {
    NestCode code;
    Shape map;
    for (const Dim &extent : shape) {
      std::string name = "c" + std::to_string(code.parallel.size());
      code.parallel.push_back({name, 0, extent});
      map.push_back(Dim::symbol(name));
    }
    code.loads.push_back({from, from.index.empty() ? Shape() : map});
    code.stores.push_back({to, map});
    Dim turns = shape.size() > 1 ? shape[0] : Dim(1);
    loops.loop("copy", {0, turns, 1, true}, [&](const Dim &index) {
      if (shape.size() > 1)
        code.parallel[0] = {code.parallel[0].name, index, 1};
      emitNest(loops, code);
    });
    loops.endKernel();
    builder.create("barrier", {});
  }

  void reshape(Op *op) {
    TensorRef from = ref(op->operand(0));
    const Type &type = op->operand(0)->type();
    if (!from.isWhole()) {
      TensorRef dense = temporary(valueType(op->operand(0)), "");
      emitCopy(from, dense, valueType(op->operand(0)).shape());
      from = dense;
    }
    (void)type;
    Value *view =
        builder.op("view", {from.buffer}, {}, {bufferOf(op->result()->type())});
    refs[op->result()] = TensorRef::whole(view);
  }

  /// The type of a value, also of an argument that has become a buffer.
  Type valueType(Value *value) const {
    const Type &type = value->type();
    return type.isBuffer() ? Type::tensor(type.elem(), type.shape()) : type;
  }

  void scan(Op *op) {
    ScanParts parts(*op);
    int64_t carries = parts.carries, sequences = parts.sequences;
    Refs operands = operandRefs(*op), stacked, carried;
    // A carry lives in the memory of the scan's result.
    for (int64_t i = 0; i < op->resultCount(); ++i) {
      TensorRef place = placeFor(op->result(i));
      refs[op->result(i)] = place;
      (i < carries ? carried : stacked).push_back(place);
    }
    for (int64_t i = 0; i < carries; ++i)
      emitCopy(operands[i], carried[i], op->result(i)->type().shape());
    if (parts.until || parts.masked)
      for (size_t i = 0; i < stacked.size(); ++i)
        emitZeros(stacked[i], op->result(carries + i)->type());

    Block &body = op->region();
    LoopBuilder::Bounds bounds{0, parts.length};
    bounds.reverse = parts.reverse;
    bounds.until = parts.until;
    loops.carry("t", bounds, {}, [&](const Dim &t, LoopBuilder::Values) {
      Builder outer = builder;
      if (parts.masked)
        enterIf(operands[parts.mask()].slice(0, t));
      stepNumber(body.argument(0), t);
      for (int64_t i = 0; i < carries; ++i)
        refs[body.argument(1 + i)] = carried[i];
      for (int64_t i = 0; i < sequences; ++i)
        refs[body.argument(1 + carries + i)] =
            operands[carries + i].slice(parts.sequenceAxes[i], t);
      for (size_t i = carries + sequences; i < operands.size(); ++i)
        refs[body.argument(1 + static_cast<int64_t>(i))] = operands[i];
      LoopBuilder::Values isLast = scanBody(parts, carried, stacked, t);
      if (parts.masked) {
        builder.create("yield", {});
        builder = outer;
      }
      return isLast;
    });
  }

  /// All threads fill a part of it; then they wait.
  void emitZeros(const TensorRef &to, const Type &type) {
    Type scalar = Type::buffer(type.elem(), {});
    Value *zero = builder.op("global", {}, {{"value", 0.0}}, {scalar});
    emitCopy(TensorRef::whole(zero), to, type.shape());
  }

  /// What follows is run only if the bool there is true.
  void enterIf(const TensorRef &place) {
    Value *holds = loadBool(place);
    Value *number = builder.op("cast", {holds}, {}, {Type::scalar(Elem::I32)});
    std::string symbol = loops.fresh("runs");
    builder.create("let", {number}, {{"axis", symbol}, {"size", Dim(2)}});
    Op *op = builder.createWithRegions(
        "if", {}, {{"conditions", AttrList{Dim::symbol(symbol) - 1}}}, {}, 1);
    builder.setInsertionEnd(op->region());
  }

  Value *loadBool(const TensorRef &place) {
    return builder.op("load", {place.buffer}, {{"index", place.resolve({})}},
                      {Type::scalar(Elem::Bool)});
  }

  /// The step's index, as a tensor that kernels can read.
  void stepNumber(Value *argument, const Dim &t) {
    if (argument->isUnused())
      return;
    TensorRef place = temporary(argument->type(), "t");
    loops.loop("once", {0, 1, 1, true}, [&](const Dim &) {
      Value *number = builder.op("axis", {}, {{"value", t}},
                                 {Type::scalar(argument->type().elem())});
      builder.create("store", {number, place.buffer}, {{"index", Shape()}});
    });
    builder.create("barrier", {});
    refs[argument] = place;
  }

  /// Gives whether the step is the last, if the scan asks.
  LoopBuilder::Values scanBody(const ScanParts &parts, const Refs &carried,
                               const Refs &stacked, const Dim &t) {
    Block &body = parts.op.region();
    Op *yield = body.terminator();
    int64_t carries = parts.carries;
    const std::vector<int64_t> &resultAxes = parts.resultAxes;
    // What is stacked is computed in its place.
    for (size_t i = 0; i < stacked.size(); ++i) {
      Value *value = yield->operand(carries + static_cast<int64_t>(i));
      if (value->definingOp() && value->definingOp()->is("kernel"))
        placed.try_emplace(value, stacked[i].slice(resultAxes[i], t));
    }
    for (Op *op : opsOf(body))
      lower(op);
    for (size_t i = 0; i < stacked.size(); ++i) {
      Value *value = yield->operand(carries + static_cast<int64_t>(i));
      TensorRef to = stacked[i].slice(resultAxes[i], t);
      TensorRef from = ref(value);
      if (from.buffer != to.buffer || !(from.index == to.index))
        emitCopy(from, to, value->type().shape());
    }
    LoopBuilder::Values isLast;
    if (parts.until) {
      // Every thread has seen it before its memory is written again.
      isLast = {loadBool(ref(yield->operand(yield->operandCount() - 1)))};
      builder.create("barrier", {});
    }
    // All next carries exist before the first is overwritten; one that is
    // another carry's old value is saved first.
    Refs next;
    for (int64_t i = 0; i < carries; ++i) {
      Value *value = yield->operand(i);
      TensorRef from = ref(value);
      bool isOtherCarry = value->owner() == &body && value->index() != 1 + i &&
                          value->index() >= 1 && value->index() <= carries;
      if (isOtherCarry) {
        TensorRef saved = temporary(value->type(), value->hint);
        emitCopy(from, saved, value->type().shape());
        from = saved;
      }
      next.push_back(from);
    }
    for (int64_t i = 0; i < carries; ++i)
      if (next[i].buffer != carried[i].buffer)
        emitCopy(next[i], carried[i], yield->operand(i)->type().shape());
    return isLast;
  }

  /// Whether `memory` holds a variable that another result than `i` gives a
  /// new value.
  bool isOldValueOfAnother(const Value *memory, int64_t i) const {
    const Op *end = function.body.terminator();
    for (int64_t j = 0; j < end->operandCount(); ++j)
      if (int64_t old = oldValueOf(j); j != i && old >= 0 &&
                                       function.body.argument(old) == memory &&
                                       end->operand(j) != memory)
        return true;
    return false;
  }

  void handOut(Op *end) {
    ++step;
    builder.setInsertionBefore(end);
    // What is another variable's old value is saved before that is overwritten:
    // two variables may change places.
    Refs results;
    for (int64_t i = 0; i < end->operandCount(); ++i) {
      TensorRef from = ref(end->operand(i));
      if (isOldValueOfAnother(memoryOf(from.buffer), i)) {
        const Type type = valueType(resultBuffers[i]);
        TensorRef saved = temporary(type, resultBuffers[i]->hint);
        emitCopy(from, saved, type.shape());
        from = saved;
      }
      results.push_back(from);
    }
    for (int64_t i = 0; i < end->operandCount(); ++i) {
      if (results[i].buffer == resultBuffers[i])
        continue;
      // A variable that keeps its value.
      if (int64_t old = oldValueOf(i);
          old >= 0 && results[i].buffer == function.body.argument(old))
        continue;
      emitCopy(results[i], TensorRef::whole(resultBuffers[i]),
               resultBuffers[i]->type().shape());
    }
    while (end->operandCount())
      end->eraseOperand(end->operandCount() - 1);
  }

  void finish() {
    function.resultAttrs.clear();
    for (size_t i = 0; i < temporaries.size(); ++i) {
      AttrDict &attrs = function.argAttrs[temporaries[i].buffer->index()];
      attrs.set("first", temporaries[i].firstUse);
      attrs.set("last", temporaries[i].lastUse);
    }
    function.attrs.set("arguments", arguments);
    function.attrs.set("results", static_cast<int64_t>(resultBuffers.size()));
    function.attrs.set("scratch", loops.scratchBytes());
  }

  struct Temporary {
    Value *buffer;
    int64_t firstUse, lastUse;
  };

  Function &function;
  Builder builder;
  LoopBuilder loops;
  int64_t arguments = 0, step = -1;
  std::vector<Value *> buffers, resultBuffers;
  std::vector<Type> types;
  std::vector<Temporary> temporaries;
  std::map<Value *, TensorRef> refs;
  std::map<Value *, Value *> destination; ///< Handed out from there.
  std::map<Value *, TensorRef> placed;
};

} // namespace

static std::optional<PassError> run(Function &function, const PassContext &) {
  Lowering(function).run();
  return std::nullopt;
}

extern const Pass pass_lower_to_loops;
const Pass pass_lower_to_loops = {
    .name = "lower-to-loops",
    .doc = "Turns tensors into buffers and kernels into loops over tiles.",
    .from = Kernels,
    .to = Loops,
    .run = run,
};

} // namespace nnc
