//===- Computes after a scan what its turns do not need -------------------===//
//
// A sum that a scan carries along and only adds products to, as the gradient of
// its weights, is one product after the loop, in which the turns are one more
// axis of the sum. A product that a scan only puts together, as the derivative
// by its inputs, is one product for all turns.
//
//===----------------------------------------------------------------------===//
#include "ir/builder.h"
#include "ir/pass.h"
#include "ir/scan_editor.h"

#include <algorithm>

namespace nnc {

namespace {

/// An operand of an op of the body, as it is for all turns.
struct AllTurns {
  Value *outside; ///< Null: what the scan puts together of `inside`.
  Value *inside;
  std::optional<int64_t> axis; ///< Of the turns; none: the same in each.
};

/// An op to make after the loop.
struct Sunk {
  std::string name;
  AttrDict attrs;
  Location location;
  Work before;
  std::vector<AllTurns> operands;
  Value *start;                      ///< To which it is added, or null.
  std::optional<int64_t> resultAxis; ///< Of the turns; none: they are summed.
  Value *result;                     ///< The scan's, which it takes over.
};

class Sinking {
public:
  Sinking(Op &scan, const AttrDict &expected, const PassContext &context)
      : context(context), expected(expected), editor(scan) {}

  void run() {
    // Turns that are not run leave zeros, but what those are multiplied by may
    // be anything.
    if (editor.until || editor.masked)
      return;
    // What these keep, the sums may use.
    std::vector<ScanEditor::Stacked> entries = editor.stacked;
    for (const ScanEditor::Stacked &each : entries)
      if (sinkProduct(each))
        std::erase_if(editor.stacked, [&](const ScanEditor::Stacked &other) {
          return other.result == each.result;
        });
    std::erase_if(editor.carries, [&](const ScanEditor::Carry &each) {
      return sinkSum(each, "contract");
    });
    // These only where their operands are kept anyway.
    std::erase_if(editor.carries, [&](const ScanEditor::Carry &each) {
      return sinkSum(each, "sum");
    });
    if (!work.empty())
      finish();
  }

private:
  /// A carry that starts somewhere and to which each turn adds `name`.
  bool sinkSum(const ScanEditor::Carry &carry, std::string_view name) {
    Op *sum = carry.next->definingOp();
    auto isOnlyUsedBy = [](const Value *value, const Op *op) {
      return value->uses().size() == 1 && value->uses()[0].op == op;
    };
    if (!sum || !sum->is("add") || !isOnlyUsedBy(carry.argument, sum) ||
        !isOnlyUsedBy(carry.next, editor.scan.region().terminator()))
      return false;
    Value *added = sum->operand(sum->operand(0) == carry.argument ? 1 : 0);
    Op *op = added->definingOp();
    if (!op || !op->is(name) || !isOnlyUsedBy(added, sum))
      return false;
    bool varies = false, pays = true;
    for (Value *operand : op->operands())
      if (!isInvariant(operand)) {
        varies = true;
        pays &= isKept(operand) ||
                (name == "contract" && isSmall(*operand, *added));
      }
    if (!varies || !context.allows("sink-from-loops"))
      return false;
    if (!pays) {
      context.record({.rule = "sink-from-loops",
                      .missed = true,
                      .text = "its sum stays in the loop: what it adds up "
                              "would take more memory than the sum",
                      .location = op->location,
                      .before = workOf(*op),
                      .after = workOf(*op)});
      return false;
    }
    add(*op, carry.start, std::nullopt, carry.result);
    return true;
  }

  /// A product with what is the same in each turn, that nothing in the body
  /// uses.
  bool sinkProduct(const ScanEditor::Stacked &entry) {
    Op *op = entry.value->definingOp();
    if (!op || !op->is("contract") || entry.value->uses().size() != 1)
      return false;
    int64_t varying = 0;
    bool pays = true;
    for (Value *operand : op->operands())
      if (!isInvariant(operand)) {
        ++varying;
        pays &= isKept(operand) || isSmall(*operand, *entry.value);
      }
    if (varying != 1 || !pays || !context.allows("sink-from-loops"))
      return false;
    add(*op, nullptr, entry.axis, entry.result);
    return true;
  }

  void add(const Op &op, Value *start, std::optional<int64_t> resultAxis,
           Value *result) {
    context.count("sink-from-loops", op.location);
    Sunk sunk{std::string(op.name()),
              op.attrs,
              op.location,
              {},
              {},
              start,
              resultAxis,
              result};
    if (context.records())
      sunk.before = workOf(op);
    for (Value *operand : op.operands())
      sunk.operands.push_back(forAllTurns(operand));
    work.push_back(std::move(sunk));
  }

  Value *invariantOutside(const Value *value) {
    for (const ScanEditor::Invariant &each : editor.invariants)
      if (each.argument == value)
        return each.operand;
    return nullptr;
  }

  static bool isConstant(const Value *value) {
    return value->definingOp() && value->definingOp()->is("constant");
  }

  bool isInvariant(const Value *value) {
    return isConstant(value) || invariantOutside(value);
  }

  /// Whether the values of all turns are there anyway.
  bool isKept(const Value *value) {
    return editor.isStacked(value) ||
           std::any_of(editor.sequences.begin(), editor.sequences.end(),
                       [&](const ScanEditor::Sequence &each) {
                         return each.argument == value;
                       });
  }

  /// Not much larger than another value, at the sizes that are expected.
  bool isSmall(const Value &value, const Value &other) const {
    constexpr int64_t unknown = 32, much = 4;
    auto elements = [&](const Value &each) {
      std::optional<int64_t> count =
          elementCount(each.type().shape())
              .evaluate([&](std::string_view name) -> std::optional<int64_t> {
                const Attr *size = expected.find(name);
                return size ? size->asInt() : unknown;
              });
      return static_cast<double>(*count);
    };
    return elements(value) <= much * elements(other);
  }

  AllTurns forAllTurns(Value *value) {
    if (Value *outside = invariantOutside(value))
      return {outside, nullptr, std::nullopt};
    if (isConstant(value)) {
      ValueMap none;
      Op *copy = Builder(&editor.scan).clone(*value->definingOp(), none);
      return {copy->result(), nullptr, std::nullopt};
    }
    for (const ScanEditor::Sequence &each : editor.sequences)
      if (each.argument == value)
        return {each.operand, nullptr, each.axis};
    for (const ScanEditor::Stacked &each : editor.stacked)
      if (each.value == value)
        return {nullptr, value, each.axis};
    editor.stacked.push_back({value, 0});
    return {nullptr, value, 0};
  }

  void finish() {
    Builder builder(editor.scan.next());
    std::vector<Value *> results = editor.finish();
    for (const Sunk &each : work) {
      builder.location = each.location;
      std::vector<Value *> operands;
      for (const AllTurns &operand : each.operands) {
        Value *value = operand.outside;
        for (size_t i = 0; !value && i < results.size(); ++i)
          if (editor.stacked[i].value == operand.inside)
            value = results[i];
        operands.push_back(value);
      }
      Value *made = each.name == "sum"
                        ? builder.op("sum", operands, sumAttrs(each))
                        : builder.op("contract", operands, productAttrs(each));
      context.record(
          {.rule = "sink-from-loops",
           .text = "computed once after the loop, not in each of its " +
                   editor.length.str() + " turns",
           .location = each.location,
           .before = each.before,
           .after = workOf(*made->definingOp())});
      if (each.start && !isSplat(each.start, 0))
        made = builder.op("add", {each.start, made});
      made->hint = each.result->hint;
      each.result->replaceAllUsesWith(made);
    }
    editor.scan.erase();
  }

  static AttrDict sumAttrs(const Sunk &sunk) {
    int64_t turns = *sunk.operands[0].axis;
    std::vector<int64_t> axes = {turns};
    for (int64_t axis : sunk.attrs.find("axes")->asInts())
      axes.push_back(axis < turns ? axis : axis + 1);
    std::sort(axes.begin(), axes.end());
    return {{"axes", Attr::ints(axes)}};
  }

  static AttrDict productAttrs(const Sunk &sunk) {
    AttrDict attrs = sunk.attrs;
    Dim turn = Dim::symbol(freshIndex(attrs));
    auto insert = [&](const char *list, std::optional<int64_t> axis) {
      Shape names = attrs.find(list)->asDims();
      if (axis)
        names.insert(names.begin() + *axis, turn);
      attrs.set(list, names);
    };
    insert("left", sunk.operands[0].axis);
    insert("right", sunk.operands[1].axis);
    insert("result", sunk.resultAxis);
    return attrs;
  }

  const PassContext &context;
  const AttrDict &expected;
  ScanEditor editor;
  std::vector<Sunk> work;
};

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  const Attr *expected = function.attrs.find("expected");
  AttrDict sizes = expected ? expected->asDict() : AttrDict();
  forEachScan(function.body,
              [&](Op &scan) { Sinking(scan, sizes, context).run(); });
  return std::nullopt;
}

extern const Pass pass_sink_from_loops;
const Pass pass_sink_from_loops = {
    .name = "sink-from-loops",
    .doc = "Computes after a loop, for all turns at once, the sums of products "
           "that it carries and the products that it puts together.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .asks = true,
};

} // namespace nnc
