#include "ir/simplify/frozen_missed.h"

#include "ir/conv_rules.h"
#include "ir/scan.h"
#include "ir/simplify/compute.h"
#include "ir/simplify/frozen.h"

#include <algorithm>
#include <set>

namespace nnc::simplify {

namespace {

/// What hangs on constants and weights alone, so that it would be a constant if
/// the weights were frozen.
class Freezable {
public:
  explicit Freezable(const Function &function) {
    for (size_t i = 0; i < function.argAttrs.size(); ++i)
      if (function.argAttrs[i].find("variable"))
        addWeight(function.body.argument(static_cast<int64_t>(i)));
    follow(function.body);
  }

  /// In the body of a loop: slices of weights are no constants, frozen or not.
  Freezable(const Op &scan, const Freezable &outside) {
    ScanParts parts(scan);
    for (int64_t i = parts.carries; i < scan.operandCount(); ++i)
      if (outside.isWeight(scan.operand(i)) || isFrozen(scan.operand(i)))
        addWeight(parts.argumentOf(i));
    follow(scan.region());
  }

  bool contains(const Value *value) const { return known.contains(value); }
  /// That it is no constant as it is: what the program says stays as it is.
  bool isWeight(const Value *value) const { return weights.contains(value); }

private:
  void addWeight(const Value *value) {
    known.insert(value);
    weights.insert(value);
  }

  void follow(const Block &block) {
    for (const auto &op : block.operations())
      if (op->resultCount() == 1 && !op->regionCount() &&
          (op->operands().empty() ? op->is("constant") : allKnown(*op))) {
        known.insert(op->result());
        if (std::ranges::any_of(op->operands(), [&](const Value *each) {
              return isWeight(each);
            }))
          weights.insert(op->result());
      }
  }

  bool allKnown(const Op &op) const {
    return std::ranges::all_of(
        op.operands(), [&](const Value *each) { return contains(each); });
  }

  std::set<const Value *> known, weights;
};

class Misses {
public:
  explicit Misses(RewriteLog &log) : log(log) {}

  void visit(const Block &block, const Freezable &freezable, bool isInLoop) {
    for (const auto &op : block.operations()) {
      if (op->is("scan"))
        visit(op->region(), Freezable(*op, freezable), true);
      else if (op->is("conv") || op->is("contract")) {
        scaleBeside(*op, freezable, isInLoop);
        scaleBefore(*op, freezable, isInLoop);
      } else if (op->is("conv_input_grad") && !isOfDerivative(*op))
        scaleBeside(*op, freezable, isInLoop);
      if (op->is("conv"))
        convOfConv(*op, freezable, isInLoop);
      else if (op->is("add"))
        branches(*op, freezable, isInLoop);
    }
  }

private:
  void miss(std::string_view rule, std::string text, const Op &op,
            Work before = {}, Work after = {}) {
    if (log.allows(rule))
      log.record({.rule = rule,
                  .missed = true,
                  .text = std::move(text),
                  .location = op.location,
                  .before = std::move(before),
                  .after = std::move(after)});
  }

  /// Whether it is the gradient of a convolution, not a layer: that has the
  /// same weights.
  static bool isOfDerivative(const Op &transpose) {
    return std::ranges::any_of(
        transpose.operand(1)->uses(),
        [](const Value::Use &use) { return use.op->is("conv"); });
  }

  /// Why weights are no constants.
  static std::string whyUnfrozen(bool isInLoop) {
    return isInLoop ? ", whose weights are slices, one for each turn of the "
                      "loop; those are not folded, frozen or not"
                    : ", whose weights are not frozen; --weights freezes them";
  }

  /// What an op scales or shifts by weights, or by what they have become.
  struct ByWeights {
    const Op *op;
    const Value *value;
    bool isScale, isFrozenToo;
  };

  static std::optional<ByWeights> byWeights(const Op *op,
                                            const Freezable &freezable) {
    bool isScale = op && (op->is("mul") || op->is("div"));
    if (!isScale && !(op && (op->is("add") || op->is("sub"))))
      return std::nullopt;
    int64_t sides = op->is("mul") || op->is("add") ? 2 : 1;
    for (int64_t i = 0; i < sides; ++i) {
      const Value *by = op->operand(1 - i);
      const Op *made = by->definingOp();
      bool isFrozenToo = isFrozen(by) || (made && made->is("broadcast") &&
                                          isFrozen(made->operand(0)));
      if (isFrozenToo || freezable.isWeight(by))
        return ByWeights{op, op->operand(i), isScale, isFrozenToo};
    }
    return std::nullopt;
  }

  /// The scale and the shift before a layer, such as those of a batch norm. One
  /// that stands behind another layer is named there.
  void scaleBefore(const Op &layer, const Freezable &freezable, bool isInLoop) {
    int64_t weights = freezable.contains(layer.operand(1)) ? 1 : 0;
    const Value *value = layer.operand(1 - weights);
    if (!freezable.contains(layer.operand(weights)) ||
        freezable.contains(value) || (layer.is("conv") && weights == 0))
      return;
    auto last = byWeights(value->definingOp(), freezable);
    bool isApart = false, areFrozen = isFrozen(layer.operand(weights));
    std::optional<ByWeights> found = last;
    for (auto each = last; each;
         each = byWeights(value->definingOp(), freezable)) {
      isApart |= value->uses().size() > 1;
      areFrozen &= each->isFrozenToo;
      if (each->isScale && !found->isScale)
        found = each;
      value = each->value;
    }
    const Op *first = value->definingOp();
    if (!found ||
        (first && (first->is("conv") || first->is("contract")) && !isApart))
      return;
    bool isConv = layer.is("conv");
    std::string what = found->isScale ? "a scale stays before its"
                                      : "a shift stays before its";
    std::string why = isConv && !last->isScale ? whyNotShifted(layer) : "";
    if (!why.empty()) {
      what = found->isScale ? "a scale and a shift stay before their" : what;
      found = last;
    } else if (isApart && !areFrozen) {
      return; // The derivative reads it.
    } else if (isApart) {
      why = ": what it makes has another reader";
    } else if (!areFrozen) {
      why = whyUnfrozen(isInLoop);
    } else {
      return;
    }
    const char *rules[2][2] = {
        {"frozen-shift-before-product", "frozen-scale-before-product"},
        {"frozen-shift-before-conv", "frozen-scale-before-conv"}};
    miss(rules[isConv][found->isScale], what + " layer" + why, *found->op);
  }

  /// Why a shift cannot pass through the convolution.
  static std::string whyNotShifted(const Op &conv) {
    rules::ConvShape shape(conv, conv.operand(0)->type(),
                           conv.operand(1)->type());
    if (shape.isPadded())
      return ": no shift reaches the zeros around the image";
    if (!shape.groups.isConstant(1))
      return ", whose channels are in groups";
    return "";
  }

  /// The scale by which a layer's result is multiplied, maybe after a shift,
  /// such as that of a batch norm.
  void scaleBeside(const Op &layer, const Freezable &freezable, bool isInLoop) {
    if (freezable.contains(layer.operand(0)) ==
        freezable.contains(layer.operand(1)))
      return;
    const Value *value = layer.result();
    while (value->uses().size() == 1) {
      const Value::Use use = value->uses()[0];
      const Op &op = *use.op;
      bool isScale = op.is("mul") || (op.is("div") && use.operand == 0);
      if (isScale || op.is("add") || op.is("sub")) {
        const Value *other = op.operand(1 - use.operand);
        if (!freezable.contains(other))
          return;
        if (isScale && freezable.isWeight(other))
          return miss("frozen-scale-of-layer",
                      "a scale stays beside its layer" + whyUnfrozen(isInLoop),
                      op);
      } else if (!op.is("reshape")) {
        return;
      }
      value = op.result();
    }
  }

  /// What a value comes from by scales and shifts alone.
  static const Value *scaledBefore(const Value *value,
                                   const Freezable &freezable) {
    const Op *op = value->definingOp();
    while (op && (op->is("add") || op->is("sub") || op->is("mul")) &&
           freezable.contains(op->operand(1))) {
      value = op->operand(0);
      op = value->definingOp();
    }
    return value;
  }

  /// The convolution from which a value comes so, or null: scales and shifts
  /// will go into its weights.
  static const Op *convBefore(const Value *value, const Freezable &freezable) {
    const Op *op = scaledBefore(value, freezable)->definingOp();
    return op && op->is("conv") && freezable.contains(op->operand(1)) ? op
                                                                      : nullptr;
  }

  /// Whether anybody else reads what comes from the convolution.
  static bool isShared(const Value *value, const Op &conv) {
    while (value->definingOp() != &conv && value->uses().size() == 1)
      value = value->definingOp()->operand(0);
    return value->uses().size() > 1;
  }

  void convOfConv(const Op &outer, const Freezable &freezable, bool isInLoop) {
    constexpr std::string_view rule = "frozen-conv-of-conv";
    const Op *inner = convBefore(outer.operand(0), freezable);
    if (!inner || !freezable.contains(outer.operand(1)))
      return;
    auto pair = pairOf(outer, *inner);
    if (!pair)
      return;
    bool isApart = isShared(outer.operand(0), *inner);
    bool isFrozenPair =
        isFrozen(outer.operand(1)) && isFrozen(inner->operand(1));
    Work apart{pair->apart, 0}, together{pair->together, 0};
    // Where weights are trained, the derivative reads what is between.
    if (isApart && !isFrozenPair)
      return;
    const std::string two = "two convolutions in a row, one of them 1x1, ";
    if (isApart)
      miss(rule, two + "stay two: what is between them has another reader",
           outer, apart, together);
    else if (!(pair->apart - pair->together).isKnownNonNegative())
      miss(rule, two + "stay two, since one takes more products", outer, apart,
           together);
    else if (!isFrozenPair)
      miss(rule, two + "stay two" + whyUnfrozen(isInLoop), outer, apart,
           together);
    else if (!areFewProducts(pair->merge))
      miss(rule,
           two + "stay two: nnc would take more than 67 million products to "
                 "make one of their weights",
           outer, apart, together);
    else if (inner->result() != outer.operand(0))
      miss(rule,
           two + "stay two: a bias is between them, and the second has zeros "
                 "around its image that it does not reach",
           outer, apart, together);
  }

  /// Convolutions of one image that are added up, or one and the image itself.
  void branches(const Op &sum, const Freezable &freezable, bool isInLoop) {
    const Op *found[2];
    for (int64_t i : {0, 1})
      found[i] = convBefore(sum.operand(i), freezable);
    for (int64_t i : {0, 1})
      if (const Op *conv = found[i];
          conv &&
          (conv->operand(0) == sum.operand(1 - i) ||
           conv->operand(0) == scaledBefore(sum.operand(1 - i), freezable)))
        return convAndImage(*conv, sum, isShared(sum.operand(i), *conv),
                            isInLoop);
    const Op *a = found[0], *b = found[1];
    if (!a || !b || a == b || a->operand(0) != b->operand(0))
      return;
    constexpr std::string_view rule = "frozen-sum-of-convs";
    const std::string two = "two convolutions of one image stay two";
    bool isFrozenPair = isFrozen(a->operand(1)) && isFrozen(b->operand(1));
    bool isApart = isShared(sum.operand(0), *a) || isShared(sum.operand(1), *b);
    if (std::string_view whyNot = sumOf(*a, *b).whyNot; !whyNot.empty())
      miss(rule, two + ": " + std::string(whyNot), sum);
    else if (isApart && isFrozenPair)
      miss(rule, two + ": one of them has another reader", sum);
    else if (!isApart && !isFrozenPair)
      miss(rule, two + whyUnfrozen(isInLoop), sum);
  }

  void convAndImage(const Op &conv, const Op &sum, bool isApart,
                    bool isInLoop) {
    constexpr std::string_view rule = "frozen-conv-and-identity";
    const std::string two = "an image is added to a convolution of it";
    if (!conv.attr("groups").asDim().isConstant(1))
      miss(rule, two + ", whose channels are in groups", sum);
    else if (isApart && isFrozen(conv.operand(1)))
      miss(rule, two + ", which has another reader", sum);
    else if (!isApart && !isFrozen(conv.operand(1)))
      miss(rule, two + whyUnfrozen(isInLoop), sum);
  }

  RewriteLog &log;
};

} // namespace

void sayWhatStaysUnfolded(const Function &function, RewriteLog &log) {
  Misses(log).visit(function.body, Freezable(function), false);
}

} // namespace nnc::simplify
