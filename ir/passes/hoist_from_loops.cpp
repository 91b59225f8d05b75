//===- Takes out of a scan what need not wait for its turns ---------------===//
//
// What is the same in each turn is computed once, before the loop. A product of
// a sequence's part with such a value, as of a recurrence's inputs with its
// weights, is computed for all turns at once: one large product in the place of
// many small ones. What follows it element by element comes with it, and what
// is before it is computed outside too.
//
// It runs before `differentiate`, so that the derivatives of what is outside
// are outside too.
//
//===----------------------------------------------------------------------===//
#include "ir/builder.h"
#include "ir/pass.h"
#include "ir/scan_editor.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace nnc {

namespace {

/// A value from outside that has `value`'s parts for all turns along `axis`;
/// or, if there is no axis, that is `value`.
struct Outside {
  Value *value;
  std::optional<int64_t> axis;
  /// What it takes in the loop and outside, with the products that it follows.
  Work before = {}, after = {};
};

std::vector<int64_t> allAxesBut(int64_t rank, int64_t left) {
  std::vector<int64_t> axes;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis != left)
      axes.push_back(axis);
  return axes;
}

class Hoisting {
public:
  Hoisting(Op &scan, const PassContext &context)
      : context(context), editor(scan), builder(&scan) {
    for (const ScanEditor::Invariant &each : editor.invariants)
      known[each.argument] = {each.operand, std::nullopt};
    for (const ScanEditor::Sequence &each : editor.sequences)
      known[each.argument] = {each.operand, each.axis};
  }

  void run() {
    std::vector<Op *> ops;
    for (const auto &op : editor.scan.region().operations())
      ops.push_back(op.get());
    for (Op *op : ops)
      visit(*op);
    // Users first: what only they use is not handed in.
    bool changed = false;
    for (auto op = ops.rbegin(); op != ops.rend(); ++op)
      if (known.contains((*op)->resultCount() == 1 ? (*op)->result() : nullptr))
        changed |= handIn(**op);
    if (changed) {
      editor.finish();
      editor.scan.erase();
    }
    for (auto op = copies.rbegin(); op != copies.rend(); ++op)
      if ((*op)->result()->isUnused())
        (*op)->erase();
  }

private:
  /// Computes the op outside too, if it can be.
  void visit(Op &op) {
    if (op.resultCount() != 1 || op.def().effect != Effect::None ||
        op.regionCount() || op.operandCount() == 0)
      return;
    bool isInvariant = true;
    for (Value *operand : op.operands()) {
      auto found = known.find(operand);
      if (found == known.end() && !isConstant(operand))
        return;
      isInvariant &= found == known.end() || !found->second.axis;
    }
    builder.location = op.location;
    if (isInvariant)
      learn(op, copy(op), std::nullopt);
    else if (op.is("contract"))
      addProduct(op);
    else if (op.def().kind == OpKind::Elementwise)
      addElementwise(op);
  }

  void learn(const Op &op, Value *made, std::optional<int64_t> axis) {
    made->hint = op.result()->hint;
    Outside outside{made, axis};
    if (context.records()) {
      outside.before = workOf(op);
      outside.after = workOf(*made->definingOp());
      for (const Value *operand : op.operands())
        if (products.contains(operand)) {
          outside.before = outside.before + known[operand].before;
          outside.after = outside.after + known[operand].after;
        }
    }
    known[op.result()] = outside;
  }

  static bool isConstant(const Value *value) {
    return value->definingOp() && value->definingOp()->is("constant");
  }

  Value *outside(Value *value) {
    auto found = known.find(value);
    return found == known.end() ? copy(*value->definingOp())
                                : found->second.value;
  }

  std::optional<int64_t> axisOf(Value *value) const {
    auto found = known.find(value);
    return found == known.end() ? std::nullopt : found->second.axis;
  }

  Value *copy(const Op &op) {
    std::vector<Value *> operands;
    for (Value *operand : op.operands())
      operands.push_back(outside(operand));
    return make(op.name(), operands, op.attrs, op.resultTypes());
  }

  Value *make(std::string_view name, std::span<Value *const> operands,
              AttrDict attrs, std::span<const Type> types = {}) {
    copies.push_back(builder.create(name, operands, std::move(attrs), types));
    return copies.back()->result();
  }

  /// A part of a sequence times what is the same in each turn: the sequence
  /// times it.
  void addProduct(Op &op) {
    std::optional<int64_t> left = axisOf(op.operand(0));
    std::optional<int64_t> right = axisOf(op.operand(1));
    if (left && right)
      return;
    if (editor.until) {
      if (context.allows("hoist-from-loops"))
        context.record(
            {.rule = "hoist-from-loops",
             .missed = true,
             .text = "a product of a sequence stays in its loop, which may end "
                     "early: turns that are not run would be computed in vain",
             .location = op.location});
      return;
    }
    AttrDict attrs = op.attrs;
    Dim turn = Dim::symbol(freshIndex(attrs));
    auto insert = [&](const char *list, int64_t axis) {
      Shape names = attrs.find(list)->asDims();
      axis = std::min(axis, static_cast<int64_t>(names.size()));
      names.insert(names.begin() + axis, turn);
      attrs.set(list, names);
      return axis;
    };
    insert(left ? "left" : "right", left ? *left : *right);
    int64_t axis = insert("result", left ? *left : *right);
    Value *factors[] = {outside(op.operand(0)), outside(op.operand(1))};
    Value *made = make("contract", factors, attrs);
    learn(op, made, axis);
    products.insert(op.result());
  }

  /// An elementwise op on what is known for all turns and on what is the same
  /// in each. If the former are such products alone, as where a bias is added,
  /// it follows them; else it is as cheap to compute in the loop, and is for
  /// products that read it.
  void addElementwise(Op &op) {
    std::optional<int64_t> axis;
    bool isFollower = true;
    for (Value *operand : op.operands())
      if (std::optional<int64_t> mine = axisOf(operand)) {
        if (axis && axis != mine)
          return;
        isFollower &= products.contains(operand) && operand->uses().size() == 1;
        axis = mine;
      }
    std::vector<Value *> operands;
    for (Value *operand : op.operands()) {
      Type type = withAxis(operand->type(), *axis, editor.length);
      Value *value = outside(operand);
      if (!axisOf(operand))
        value = make("broadcast", std::span(&value, 1),
                     {{"axes", Attr::ints(allAxesBut(type.rank(), *axis))}},
                     std::span(&type, 1));
      operands.push_back(value);
    }
    Type type = withAxis(op.result()->type(), *axis, editor.length);
    learn(op, make(op.name(), operands, op.attrs, std::span(&type, 1)), axis);
    if (isFollower)
      products.insert(op.result());
  }

  /// Lets the body use the op's value from outside, and removes the op. Not
  /// where it is as cheap to compute as to load.
  bool handIn(Op &op) {
    Value *value = op.result();
    if (value->isUnused()) {
      op.erase();
      return false;
    }
    auto [made, axis, before, after] = known[value];
    if (op.def().kind == OpKind::Indexing ||
        (axis && !products.contains(value)) ||
        !context.allows("hoist-from-loops"))
      return false;
    context.applied({.rule = "hoist-from-loops",
                     .text = (axis ? "computed for all " : "the same in all ") +
                             editor.length.str() + " turns of the loop" +
                             (axis ? " at once" : ": computed once, before it"),
                     .location = op.location,
                     .before = before,
                     .after = after});
    Value *argument = nullptr;
    if (axis) {
      argument = editor.addArgument(value->type(), value->hint);
      // The mask stays the last.
      editor.sequences.insert(editor.sequences.end() - editor.masked,
                              {made, *axis, argument});
    } else {
      argument = editor.invariant(made);
    }
    editor.replace(value, argument);
    op.erase();
    return true;
  }

  const PassContext &context;
  ScanEditor editor;
  Builder builder; ///< Before the scan.
  /// The body's values that are known outside.
  std::unordered_map<const Value *, Outside> known;
  /// Those that are products for all turns, or follow one.
  std::set<const Value *> products;
  std::vector<Op *> copies; ///< What has been made outside.
};

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  // Inner loops first: what comes out of one may come out of the next too.
  forEachScan(function.body, [&](Op &scan) { Hoisting(scan, context).run(); });
  return std::nullopt;
}

extern const Pass pass_hoist_from_loops;
const Pass pass_hoist_from_loops = {
    .name = "hoist-from-loops",
    .doc = "Computes before a loop what is the same in each turn, and the "
           "products of its sequences for all turns at once.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .asks = true,
};

} // namespace nnc
