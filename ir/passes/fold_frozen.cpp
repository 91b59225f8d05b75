#include "ir/pass.h"
#include "ir/simplify/rules.h"

#include <algorithm>
#include <set>

namespace nnc {

static const std::span<const RewriteRule> groups[] = {
    simplify::frozenRules, simplify::frozenConvolutionRules};

namespace {

/// What hangs on constants and variables alone, so that it would be a constant
/// too if the variables were frozen.
class Freezable {
public:
  explicit Freezable(const Function &function) {
    for (size_t i = 0; i < function.argAttrs.size(); ++i)
      if (function.argAttrs[i].find("variable"))
        varying.insert(function.body.argument(static_cast<int64_t>(i)));
    known = varying;
    for (const auto &op : function.body.operations())
      if (op->resultCount() == 1 && !op->regionCount() &&
          (op->operands().empty() ? op->is("constant") : allKnown(*op)))
        insert(*op);
  }

  bool contains(const Value *value) const { return known.contains(value); }
  /// That it is no constant as it is: what the program says stays as it is.
  bool hangsOnVariable(const Value *value) const {
    return varying.contains(value);
  }

private:
  bool allKnown(const Op &op) const {
    return std::all_of(op.operands().begin(), op.operands().end(),
                       [&](const Value *each) { return contains(each); });
  }

  void insert(const Op &op) {
    known.insert(op.result());
    if (std::any_of(op.operands().begin(), op.operands().end(),
                    [&](const Value *each) { return hangsOnVariable(each); }))
      varying.insert(op.result());
  }

  std::set<const Value *> known, varying;
};

/// The scale by which a layer's result is multiplied, maybe after a shift; null
/// if there is none.
const Op *scaleOf(const Op &layer, const Freezable &freezable) {
  const Value *value = layer.result();
  while (value->uses().size() == 1) {
    const Value::Use use = value->uses()[0];
    const Op &op = *use.op;
    bool isScale = op.is("mul") || (op.is("div") && use.operand == 0);
    if (isScale || op.is("add") || op.is("sub")) {
      if (!freezable.contains(op.operand(1 - use.operand)))
        return nullptr;
      if (isScale && freezable.hangsOnVariable(op.operand(1 - use.operand)))
        return &op;
    } else if (!op.is("reshape")) {
      return nullptr;
    }
    value = op.result();
  }
  return nullptr;
}

/// Says which scales would be folded, such as that of a batch norm, were the
/// weights frozen.
void missUnfrozen(const Function &function, const PassContext &context) {
  constexpr std::string_view rule = "frozen-scale-of-layer";
  if (!context.records() || !context.allows(rule))
    return;
  Freezable freezable(function);
  for (const auto &op : function.body.operations()) {
    if (!op->is("conv") && !op->is("contract"))
      continue;
    bool left = freezable.contains(op->operand(0));
    bool right = freezable.contains(op->operand(1));
    if (left == right)
      continue;
    if (const Op *scale = scaleOf(*op, freezable))
      context.record({.rule = rule,
                      .missed = true,
                      .text = "a scale stays beside its layer, whose weights "
                              "are not frozen; --weights freezes them",
                      .location = scale->location});
  }
}

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  rewrite(function, groups, context.log);
  missUnfrozen(function, context);
  return std::nullopt;
}

extern const Pass pass_fold_frozen;
const Pass pass_fold_frozen = {
    .name = "fold-frozen",
    .doc = "Folds scales, shifts and convolutions beside layers with frozen "
           "weights into them.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .rules = groups,
};

} // namespace nnc
