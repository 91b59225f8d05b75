//===- The derivative of a scan -------------------------------------------===//
//
// A scan that runs the other way. Its carries are the cotangents of the
// forward carries, and a sum for each invariant. Its body computes again what
// is cheap of the forward body, takes the rest from sequences that the forward
// scan is made to put out, and then walks the body in reverse. Of a scan that
// may end early it leaves out the steps that were not run: the forward scan
// puts out a true for each that was.
//
//===----------------------------------------------------------------------===//
#include "ir/autodiff/backpropagation.h"
#include "ir/autodiff/residuals.h"
#include "ir/passes/dead_code.h"
#include "ir/scan.h"

#include <algorithm>

namespace nnc {

/// The body's arguments that depend on the marked operands: a carry does also
/// if the body makes it so.
static std::vector<Value *> activeArguments(const Op &op,
                                            const std::vector<bool> &operands) {
  ScanParts parts(op);
  std::vector<bool> active = operands;
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<Value *> sources;
    for (int64_t i = 0; i < op.operandCount(); ++i)
      if (active[i])
        sources.push_back(parts.argumentOf(i));
    ValueSet reached = dependents(op.region(), sources);
    for (int64_t i = 0; i < parts.carries; ++i)
      if (!active[i] && reached.contains(op.region().terminator()->operand(i)))
        active[i] = changed = true;
    if (!changed)
      return sources;
  }
  return {};
}

std::vector<bool> dependentScanResults(const Op &op,
                                       const std::vector<bool> &operands) {
  std::vector<Value *> sources = activeArguments(op, operands);
  ValueSet reached = dependents(op.region(), sources);
  std::vector<bool> results;
  for (int64_t i = 0; i < op.resultCount(); ++i) {
    // With no step the last carry is the first.
    bool first = i < ScanParts(op).carries && operands[i];
    results.push_back(first ||
                      reached.contains(op.region().terminator()->operand(i)));
  }
  return results;
}

namespace {

class ScanGradient {
public:
  explicit ScanGradient(GradientContext &c)
      : c(c), parts(c.op), forward(c.op.region()) {
    for (int64_t i = 0; i < c.op.operandCount(); ++i)
      wanted.push_back(c.wants(i));
    for (Value *argument : activeArguments(c.op, wanted))
      active.insert(argument);
    for (int64_t i = 0; i < parts.carries; ++i)
      hasCotangent.push_back(c.cotangent(i) && isActive(i));
  }

  void run() {
    // A carry that starts without a cotangent may get one from a later step.
    for (bool again = true; again;) {
      again = false;
      body = std::make_unique<Body>();
      if (!buildBody())
        return;
      for (int64_t i = 0; i < parts.carries; ++i)
        if (!hasCotangent[i] && isActive(i) && body->derivatives[i])
          hasCotangent[i] = again = true;
    }
    finishBody();
    save();
    emit();
  }

private:
  /// The backward body while it is made, in a block of its own.
  struct Body {
    Block block;
    ValueMap copies;                              ///< Of the forward body.
    std::vector<std::pair<Op *, Op *>> copiedOps; ///< Copy, original.
    std::vector<Value *> arguments;   ///< For each forward argument but t.
    std::vector<Value *> cotangents;  ///< For each forward result, or null.
    std::vector<Value *> derivatives; ///< By each operand, or null.
    std::vector<Value *> sums;        ///< For each invariant, or null.
  };
  /// An operand of the backward scan, and the argument that stands for it.
  struct Sequence {
    Value *argument, *operand;
    int64_t axis;
  };

  bool isActive(int64_t operand) const {
    return active.contains(parts.argumentOf(operand));
  }

  bool buildBody() {
    Builder builder(body->block);
    builder.location = c.op.location;
    auto copyArgument = [&](Value *from) {
      Value *to = body->block.addArgument(from->type(), from->hint);
      body->copies.set(from, to);
      return to;
    };
    copyArgument(forward.argument(0));
    std::vector<Value *> sources;
    for (int64_t i = 0; i < c.op.operandCount(); ++i) {
      body->arguments.push_back(copyArgument(parts.argumentOf(i)));
      if (isActive(i))
        sources.push_back(body->arguments.back());
    }
    for (const auto &op : forward.operations())
      if (op.get() != forward.terminator())
        body->copiedOps.emplace_back(builder.clone(*op, body->copies),
                                     op.get());

    Backpropagation walk(body->block, sources, builder);
    for (int64_t i = 0; i < c.op.resultCount(); ++i) {
      Value *yielded = body->copies.find(forward.terminator()->operand(i));
      bool flows =
          i < parts.carries ? hasCotangent[i] : c.cotangent(i) != nullptr;
      Value *cotangent = nullptr;
      if (flows && walk.isActive(yielded)) {
        cotangent = body->block.addArgument(yielded->type());
        walk.add(yielded, cotangent);
      } else if (flows && i < parts.carries) {
        cotangent = body->block.addArgument(yielded->type());
      }
      body->cotangents.push_back(cotangent);
    }
    if (std::optional<NoDerivative> error = walk.run()) {
      c.error = error;
      return false;
    }
    for (int64_t i = 0; i < c.op.operandCount(); ++i)
      body->derivatives.push_back(
          isActive(i) ? walk.cotangent(body->arguments[i]) : nullptr);
    return true;
  }

  /// Adds the `yield`: next cotangents of carries, next sums, derivatives by
  /// the parts of the sequences. Removes what they do not need.
  void finishBody() {
    Builder builder(body->block);
    builder.location = c.op.location;
    std::vector<Value *> yields, parted;
    for (int64_t i = 0; i < parts.carries; ++i)
      if (hasCotangent[i]) {
        Value *next = body->derivatives[i];
        yields.push_back(
            next ? next : builder.constant(0, body->arguments[i]->type()));
      }
    for (int64_t i = parts.carries; i < c.op.operandCount(); ++i) {
      Value *derivative = body->derivatives[i];
      bool isSequence = i < parts.carries + parts.sequences;
      if (isSequence && derivative)
        parted.push_back(derivative);
      if (isSequence)
        continue;
      Value *sum = nullptr;
      if (derivative) {
        sum = body->block.addArgument(derivative->type());
        yields.push_back(builder.op("add", {sum, derivative}));
      }
      body->sums.push_back(sum);
    }
    yields.insert(yields.end(), parted.begin(), parted.end());
    builder.create("yield", yields);
    removeDeadOps(body->block);
  }

  void save() {
    CopiedBody copied{body->block, body->copiedOps, {}, {}, [&](Value *value) {
                        return stackedBy(c.op, value).has_value();
                      }};
    for (int64_t i = 0; i < parts.carries; ++i)
      copied.carries.push_back({body->arguments[i], parts.argumentOf(i)});
    for (int64_t i = 0; i < parts.sequences; ++i)
      if (Value *sequence = parts.sequence(i);
          sequence->definingOp() && sequence->uses().size() == 1)
        copied.sequences.push_back(body->arguments[parts.carries + i]);
    saved = chooseResiduals(copied, c.log);
    if (parts.until) {
      Type type = Type::scalar(Elem::Bool);
      mask = body->block.addArgument(type, "ran");
      saved.push_back({mask, Builder(forward.terminator()).constant(1, type)});
    } else if (parts.masked) {
      mask = body->arguments[parts.mask()];
    }
    std::vector<Value *> fresh;
    for (const auto &[argument, value] : saved)
      if (!stackedBy(c.op, value) &&
          std::find(fresh.begin(), fresh.end(), value) == fresh.end())
        fresh.push_back(value);
    extendForward(fresh);
  }

  /// The number of the result in which a scan puts this value of its body
  /// together, if it does.
  static std::optional<int64_t> stackedBy(const Op &scan, Value *value) {
    const Op &yield = *scan.region().terminator();
    for (int64_t i = ScanParts(scan).carries; i < scan.resultCount(); ++i)
      if (yield.operand(i) == value)
        return i;
    return std::nullopt;
  }

  /// Makes the forward scan put out `values` too, along axis 0.
  void extendForward(const std::vector<Value *> &values) {
    for (const auto &[argument, value] : saved)
      if (std::optional<int64_t> index = stackedBy(c.op, value))
        sequences.push_back({argument, c.result(*index),
                             parts.resultAxes[*index - parts.carries]});
    if (values.empty())
      return;
    std::vector<Type> types = c.op.resultTypes();
    std::vector<int64_t> axes = parts.resultAxes;
    for (Value *value : values) {
      types.push_back(withAxis(value->type(), 0, parts.length));
      axes.push_back(0);
    }
    AttrDict attrs = c.op.attrs;
    attrs.set("result_axes", Attr::ints(axes));
    Builder builder(&c.op);
    Op *scan =
        builder.createWithRegions("scan", c.op.operands(), attrs, types, 1);
    ValueMap map;
    for (int64_t i = 0; i < forward.argumentCount(); ++i) {
      Value *argument = forward.argument(i);
      map.set(argument,
              scan->region().addArgument(argument->type(), argument->hint));
    }
    Builder inner(scan->region());
    for (const auto &op : forward.operations())
      inner.clone(*op, map);
    Op &yield = *scan->region().terminator();
    Value *isLast = nullptr;
    if (parts.until) {
      isLast = yield.operand(c.op.resultCount());
      yield.eraseOperand(c.op.resultCount());
    }
    for (Value *value : values)
      yield.addOperand(map.find(value));
    if (isLast)
      yield.addOperand(isLast);
    for (int64_t i = 0; i < c.op.resultCount(); ++i) {
      scan->result(i)->hint = c.result(i)->hint;
      if (!c.result(i)->isUnused())
        c.result(i)->replaceAllUsesWith(scan->result(i));
    }
    for (Sequence &each : sequences)
      if (each.operand->definingOp() == &c.op)
        each.operand = scan->result(each.operand->index());
    for (const auto &[argument, value] : saved)
      for (size_t i = 0; i < values.size(); ++i)
        if (values[i] == value && !stackedBy(c.op, value))
          sequences.push_back(
              {argument,
               scan->result(c.op.resultCount() + static_cast<int64_t>(i)), 0});
    c.isSuperseded = true;
  }

  /// Makes the backward scan and gives its results.
  void emit() {
    std::vector<Value *> operands, arguments;
    std::vector<Type> types;
    auto carry = [&](Value *argument, Value *start) {
      Type type = argument->type();
      operands.push_back(start ? start : c.builder.constant(0, type));
      arguments.push_back(argument);
      types.push_back(type);
    };
    for (int64_t i = 0; i < parts.carries; ++i)
      if (hasCotangent[i])
        carry(body->cotangents[i], c.cotangent(i));
    for (Value *sum : body->sums)
      if (sum)
        carry(sum, nullptr);
    int64_t carries = static_cast<int64_t>(operands.size());

    for (int64_t i = 0; i < parts.sequences; ++i)
      if (Value *argument = body->arguments[parts.carries + i];
          !argument->isUnused() || argument == mask)
        sequences.push_back(
            {argument, parts.sequence(i), parts.sequenceAxes[i]});
    for (int64_t i = parts.carries; i < c.op.resultCount(); ++i)
      if (Value *argument = body->cotangents[i];
          argument && !argument->isUnused())
        sequences.push_back(
            {argument, c.cotangent(i), parts.resultAxes[i - parts.carries]});
    if (mask) {
      auto last = std::find_if(
          sequences.begin(), sequences.end(),
          [&](const Sequence &each) { return each.argument == mask; });
      std::rotate(last, last + 1, sequences.end());
    }
    std::vector<int64_t> sequenceAxes, resultAxes;
    for (const Sequence &each : sequences) {
      operands.push_back(each.operand);
      arguments.push_back(each.argument);
      sequenceAxes.push_back(each.axis);
    }
    for (int64_t i = 0; i < parts.invariants(); ++i)
      if (Value *argument =
              body->arguments[parts.carries + parts.sequences + i];
          !argument->isUnused()) {
        operands.push_back(parts.invariant(i));
        arguments.push_back(argument);
      }
    for (int64_t i = 0; i < parts.sequences; ++i)
      if (body->derivatives[parts.carries + i]) {
        types.push_back(parts.sequence(i)->type());
        resultAxes.push_back(parts.sequenceAxes[i]);
      }
    AttrDict attrs{{"carries", carries},
                   {"sequences", static_cast<int64_t>(sequences.size())},
                   {"length", parts.length},
                   {"reverse", !parts.reverse},
                   {"sequence_axes", Attr::ints(sequenceAxes)},
                   {"result_axes", Attr::ints(resultAxes)}};
    if (mask)
      attrs.set("masked", true);
    Op *scan = c.builder.createWithRegions("scan", operands, attrs, types, 1);
    arguments.insert(arguments.begin(), body->block.argument(0));
    ValueMap map;
    for (Value *argument : arguments)
      map.set(argument,
              scan->region().addArgument(argument->type(), argument->hint));
    Builder inner(scan->region());
    for (const auto &op : body->block.operations())
      inner.clone(*op, map);
    giveResults(*scan);
  }

  void giveResults(const Op &scan) {
    int64_t next = 0;
    for (int64_t i = 0; i < parts.carries; ++i)
      if (hasCotangent[i])
        c.give(i, scan.result(next++));
    for (int64_t i = 0; i < parts.invariants(); ++i)
      if (body->sums[i])
        c.give(parts.carries + parts.sequences + i, scan.result(next++));
    for (int64_t i = 0; i < parts.sequences; ++i)
      if (body->derivatives[parts.carries + i])
        c.give(parts.carries + i, scan.result(next++));
  }

  GradientContext &c;
  ScanParts parts;
  Block &forward;
  std::vector<bool> wanted;
  ValueSet active;
  /// For each carry, whether its cotangent may be other than zero and counts.
  std::vector<bool> hasCotangent;
  std::unique_ptr<Body> body;
  std::vector<ScanResidual> saved;
  std::vector<Sequence> sequences;
  Value *mask = nullptr; ///< The argument that says whether a step was run.
};

} // namespace

void differentiateScan(GradientContext &c) { ScanGradient(c).run(); }

} // namespace nnc
