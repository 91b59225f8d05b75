//===- Makes one product of those that share an operand -------------------===//
//
// x a, x b, x c = slices of x [a b c]. Putting the weights side by side is a
// copy of them, so it is done where that happens once: before a loop whose body
// has the products (the gates of a recurrence), and for frozen weights when the
// program is compiled (the branches of an Inception block).
//
//===----------------------------------------------------------------------===//
#include "ir/builder.h"
#include "ir/pass.h"
#include "ir/scan_editor.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace nnc {

namespace {

/// A product as the shared operand sees it.
struct Product {
  Op *op;
  int64_t shared; ///< Which operand.
  Value *weights;
  /// The axis of the weights, and of the result, along which it may be put
  /// beside others: the result's last that the shared operand does not have.
  int64_t weightAxis, resultAxis;
};

Shape indicesOf(const Op &op, int64_t operand) {
  return op.attr(operand ? "right" : "left").asDims();
}

int64_t placeOf(const Shape &names, const Dim &name) {
  auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : found - names.begin();
}

std::optional<Product> productOf(Op &op, int64_t shared) {
  Shape own = indicesOf(op, shared), weights = indicesOf(op, 1 - shared);
  Shape result = op.attr("result").asDims();
  for (size_t axis = result.size(); axis-- > 0;)
    if (placeOf(own, result[axis]) < 0)
      return Product{&op, shared, op.operand(1 - shared),
                     placeOf(weights, result[axis]),
                     static_cast<int64_t>(axis)};
  return std::nullopt;
}

/// What two products must have alike, in words that do not hang on the names of
/// their indices.
std::string signature(const Product &product) {
  std::map<std::string, std::string> names;
  std::string text = std::to_string(product.shared);
  auto add = [&](const Shape &list) {
    text += ";";
    for (const Dim &index : list)
      text += names.emplace(index.str(), std::to_string(names.size()))
                  .first->second +
              ",";
  };
  add(indicesOf(*product.op, product.shared));
  add(indicesOf(*product.op, 1 - product.shared));
  add(product.op->attr("result").asDims());
  const Type &type = product.weights->type();
  for (int64_t axis = 0; axis < type.rank(); ++axis)
    text += axis == product.weightAxis ? ";" : ";" + type.dim(axis).str();
  return text;
}

/// The products of a block that share an operand, those of one signature
/// together, in the order of the block.
using Group = std::vector<Product>;

std::vector<Group>
groupsOf(Block &block, const std::function<bool(const Value *)> &isWeight) {
  std::vector<Group> groups;
  std::map<std::pair<const Value *, std::string>, size_t> known;
  for (const auto &op : block.operations())
    for (int64_t i = 0; op->is("contract") && i < 2; ++i) {
      auto product = productOf(*op, i);
      if (!product || !isWeight(product->weights) || isWeight(op->operand(i)))
        continue;
      auto [place, isNew] = known.try_emplace(
          {op->operand(i), signature(*product)}, groups.size());
      if (isNew)
        groups.emplace_back();
      groups[place->second].push_back(*product);
    }
  std::erase_if(groups, [](const Group &group) { return group.size() < 2; });
  return groups;
}

/// The weights side by side.
Value *beside(Builder &builder, const std::vector<Value *> &weights,
              const Product &like) {
  return builder.op("concat", weights, {{"axis", like.weightAxis}});
}

/// Puts one product with `weights`, and slices of it, in the place of all, by
/// `replace`.
void merge(const Group &group, Value *weights,
           const std::function<void(Value *, Value *)> &replace,
           const PassContext &context) {
  const Product &first = group[0];
  Remark remark{.rule = "merge-products",
                .text = std::to_string(group.size()) +
                        " products of one value become one",
                .location = first.op->location};
  Builder builder(first.op);
  Value *operands[2];
  operands[first.shared] = first.op->operand(first.shared);
  operands[1 - first.shared] = weights;
  Value *whole =
      builder.op("contract", {operands[0], operands[1]}, first.op->attrs);
  const Type &type = whole->type();
  Dim start = 0;
  for (const Product &each : group) {
    Shape starts(type.rank(), 0), sizes = type.shape(), steps(type.rank(), 1);
    starts[first.resultAxis] = start;
    sizes[first.resultAxis] = each.op->result()->type().dim(first.resultAxis);
    start = start + sizes[first.resultAxis];
    Value *part =
        builder.op("slice", {whole},
                   {{"starts", starts}, {"sizes", sizes}, {"steps", steps}});
    part->hint = each.op->result()->hint;
    replace(each.op->result(), part);
    if (context.records())
      remark.before = remark.before + workOf(*each.op);
  }
  if (context.records())
    remark.after = workOf(*whole->definingOp());
  for (const Product &each : group)
    each.op->erase();
  context.applied(std::move(remark));
}

void mergeFrozen(Block &block, const PassContext &context) {
  for (const Group &group : groupsOf(block, isFrozen)) {
    if (!context.allows("merge-products"))
      return;
    std::vector<Value *> weights;
    for (const Product &each : group) {
      each.weights->definingOp()->moveBefore(block.operations().front().get());
      weights.push_back(each.weights);
    }
    Builder builder(group[0].op);
    merge(
        group, beside(builder, weights, group[0]),
        [](Value *value, Value *part) { value->replaceAllUsesWith(part); },
        context);
  }
}

void mergeInLoop(Op &scan, const PassContext &context) {
  ScanEditor editor(scan);
  auto outside = [&](const Value *argument) -> Value * {
    for (const ScanEditor::Invariant &each : editor.invariants)
      if (each.argument == argument)
        return each.operand;
    return nullptr;
  };
  bool changed = false;
  for (const Group &group : groupsOf(scan.region(), outside)) {
    std::vector<Value *> weights;
    for (const Product &each : group)
      weights.push_back(outside(each.weights));
    if (!context.allows("merge-products"))
      break;
    Builder builder(&scan);
    merge(
        group, editor.invariant(beside(builder, weights, group[0])),
        [&](Value *value, Value *part) { editor.replace(value, part); },
        context);
    changed = true;
  }
  if (!changed)
    return;
  editor.finish();
  scan.erase();
}

/// Says which would be one, were their weights frozen or in a loop.
void missUnfrozen(Function &function, const PassContext &context) {
  if (!context.records() || !context.allows("merge-products"))
    return;
  std::set<const Value *> variables;
  for (size_t i = 0; i < function.argAttrs.size(); ++i)
    if (function.argAttrs[i].find("variable"))
      variables.insert(function.body.argument(static_cast<int64_t>(i)));
  auto isVariable = [&](const Value *value) {
    // A 1x1 convolution has become a product with its kernel, reshaped.
    while (value->definingOp() && value->definingOp()->is("reshape"))
      value = value->definingOp()->operand(0);
    return variables.contains(value);
  };
  auto miss = [&](Block &block, const auto &isWeight, const char *when) {
    for (const Group &group : groupsOf(block, isWeight)) {
      Work work;
      for (const Product &each : group)
        work = work + workOf(*each.op);
      context.record({.rule = "merge-products",
                      .missed = true,
                      .text = std::to_string(group.size()) +
                              " products of one value stay apart: their "
                              "weights would be copied side by side in each " +
                              when,
                      .location = group[0].op->location,
                      .before = work,
                      .after = work});
    }
  };
  miss(function.body, isVariable, "run, unless --weights freezes them");
  forEachScan(function.body, [&](Op &scan) {
    ScanParts parts(scan);
    auto isSlice = [&](const Value *value) {
      for (int64_t i = 0; i < parts.sequences; ++i)
        if (parts.argumentOf(parts.carries + i) == value)
          return isVariable(parts.sequence(i)) || isFrozen(parts.sequence(i));
      return false;
    };
    miss(scan.region(), isSlice, "turn of the loop, since they are slices");
  });
}

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  forEachScan(function.body, [&](Op &scan) {
    mergeFrozen(scan.region(), context);
    mergeInLoop(scan, context);
  });
  mergeFrozen(function.body, context);
  missUnfrozen(function, context);
  return std::nullopt;
}

extern const Pass pass_merge_products;
const Pass pass_merge_products = {
    .name = "merge-products",
    .doc = "Makes one product of those that share an operand, where putting "
           "their weights side by side costs nothing.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .asks = true,
};

} // namespace nnc
