//===- Multiplies a loop's inputs apart from what it carries --------------===//
//
// [x h] w = x w1 + h w2, where w1 and w2 are the rows of w that x and h meet.
// So are the cells of recurrences often written; x comes with a sequence, and
// `hoist-from-loops` can compute x w1 for all turns at once.
//
//===----------------------------------------------------------------------===//
#include "ir/builder.h"
#include "ir/pass.h"
#include "ir/scan_editor.h"

#include <algorithm>
#include <set>

namespace nnc {

namespace {

class Splitting {
public:
  Splitting(Op &scan, const PassContext &context)
      : context(context), editor(scan) {
    for (const ScanEditor::Sequence &each : editor.sequences)
      inputs.insert(each.argument);
  }

  void run() {
    std::vector<Op *> products;
    for (const auto &op : editor.scan.region().operations()) {
      if (op->is("contract"))
        products.push_back(op.get());
      else if (op->def().kind == OpKind::Elementwise && isOfInputs(*op))
        inputs.insert(op->result());
    }
    bool changed = false;
    for (Op *op : products)
      changed |= split(*op, 0) || split(*op, 1);
    if (!changed)
      return;
    editor.finish();
    editor.scan.erase();
  }

private:
  /// As hoist-from-loops computes outside: element by element, of sequences.
  bool isOfInputs(const Op &op) const {
    return op.operandCount() > 0 &&
           std::ranges::all_of(op.operands(), [&](const Value *operand) {
             return inputs.contains(operand);
           });
  }

  Value *outside(const Value *argument) const {
    for (const ScanEditor::Invariant &each : editor.invariants)
      if (each.argument == argument)
        return each.operand;
    return nullptr;
  }

  /// Splits the product if operand `side` is values side by side, along an axis
  /// that is summed, and the other one is the same in each turn.
  bool split(Op &op, int64_t side) {
    const Op *concat = op.operand(side)->definingOp();
    Value *weights = outside(op.operand(1 - side));
    if (!concat || !concat->is("concat") || !weights ||
        std::ranges::none_of(concat->operands(), [&](const Value *part) {
          return inputs.contains(part);
        }))
      return false;
    const char *lists[] = {"left", "right"};
    Dim index = op.attr(lists[side]).asDims()[concat->attr("axis").asInt()];
    Shape others = op.attr(lists[1 - side]).asDims();
    Shape result = op.attr("result").asDims();
    auto place = std::ranges::find(others, index);
    if (place == others.end() || std::ranges::count(result, index) ||
        !context.allows("split-products"))
      return false;
    int64_t axis = place - others.begin();

    Builder inside(&op), before(&editor.scan);
    before.location = op.location;
    Work after;
    Value *sum = nullptr;
    Shape starts(others.size(), 0);
    for (Value *part : concat->operands()) {
      Shape sizes = weights->type().shape();
      sizes[axis] = part->type().dim(concat->attr("axis").asInt());
      Value *rows = before.op("slice", {weights},
                              {{"starts", starts},
                               {"sizes", sizes},
                               {"steps", AttrList(starts.size(), 1)}});
      starts[axis] = starts[axis] + sizes[axis];
      Value *factors[2];
      factors[side] = part;
      factors[1 - side] = editor.invariant(rows);
      Value *product =
          inside
              .create("contract", std::span<Value *const>(factors, 2), op.attrs)
              ->result();
      after = after + workOf(*product->definingOp());
      sum = sum ? inside.op("add", {sum, product}) : product;
    }
    context.applied({.rule = "split-products",
                     .text = "what comes with a sequence is multiplied apart "
                             "from what the loop carries",
                     .location = op.location,
                     .before = workOf(op) + workOf(*concat),
                     .after = after});
    editor.replace(op.result(), sum);
    op.erase();
    return true;
  }

  const PassContext &context;
  ScanEditor editor;
  /// Values of the body that hang on its sequences alone.
  std::set<const Value *> inputs;
};

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  forEachScan(function.body, [&](Op &scan) {
    if (!ScanParts(scan).until) // Its input products stay in it.
      Splitting(scan, context).run();
  });
  return std::nullopt;
}

extern const Pass pass_split_products;
const Pass pass_split_products = {
    .name = "split-products",
    .doc = "Multiplies the inputs of a loop apart from the carries that stand "
           "beside them.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .asks = true,
};

} // namespace nnc
