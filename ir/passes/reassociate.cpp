//===- Multiplies products in the cheapest order --------------------------===//
//
// (a b) q = a (b q) = b (a q), whatever the indices of the three: the one that
// adds up the fewest products is taken. Layers without an activation between
// them collapse so: with biases, (x v + c) w = x (v w) + c w. Where the sizes
// leave it open which is cheapest, those that are expected decide; if none are,
// the program's order stays.
//
// It runs before `differentiate`, so that the gradient is that of the cheaper
// form, and after it.
//
//===----------------------------------------------------------------------===//
#include "ir/builder.h"
#include "ir/op_def.h"
#include "ir/pass.h"
#include "ir/simplify/compute.h"

#include <algorithm>
#include <set>

namespace nnc {

namespace {

using Indices = std::vector<std::string>;

Indices indicesOf(const Op &op, const char *list) {
  Indices names;
  for (const Dim &index : op.attr(list).asDims())
    names.push_back(*index.asSymbol());
  return names;
}

bool holds(const Indices &names, const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Attr listOf(const Indices &names) {
  Shape symbols;
  for (const std::string &name : names)
    symbols.push_back(Dim::symbol(name));
  return symbols;
}

/// A tensor with a name for each of its axes.
struct Factor {
  Value *value;
  Indices indices;
};

/// Whether a polynomial of sizes is >= 0 wherever each is at least 1: it is if
/// no coefficient is negative once each size is written as 1 and a rest.
bool isNeverNegative(const Dim &dim) {
  return dim
      .substitute([](std::string_view name) -> std::optional<Dim> {
        return Dim::symbol("rest." + std::string(name)) + 1;
      })
      .isKnownNonNegative();
}

/// How many products `a * b` adds up: one for each value of all indices.
Dim costOf(const Factor &a, const Factor &b) {
  Dim cost = elementCount(a.value->type().shape());
  for (size_t axis = 0; axis < b.indices.size(); ++axis)
    if (!holds(a.indices, b.indices[axis]))
      cost = cost * b.value->type().dim(static_cast<int64_t>(axis));
  return cost;
}

AttrDict expectedSizes(const Function &function) {
  const Attr *expected = function.attrs.find("expected");
  return expected ? expected->asDict() : AttrDict();
}

class Reassociation {
public:
  Reassociation(Op &outer, const Function &function, const PassContext &context)
      : outer(outer), function(function), expected(expectedSizes(function)),
        context(context), builder(&outer) {}

  /// Tries both operands of the product `outer` as the inner product.
  bool run() { return tryOperand(0) || tryOperand(1); }

private:
  bool tryOperand(int64_t i) {
    inner = nullptr;
    addends.clear();
    if (!findInner(outer.operand(i), indicesOf(outer, i ? "right" : "left")) ||
        !inner)
      return false;
    other = {outer.operand(1 - i), indicesOf(outer, i ? "left" : "right")};
    result = indicesOf(outer, "result");
    nameInner();
    Dim now = costOf(factors[0], factors[1]) + costOf(innerResult, other);
    Dim addendsCost;
    for (const Factor &each : addends)
      if (!isFolded(each, other, sizeOfShare(each)))
        addendsCost = addendsCost + costOf(each, other);
    std::optional<Dim> best;
    int64_t kept = 0;
    for (int64_t k = 0; k < 2; ++k) {
      Dim cost = costOfKeeping(k) + addendsCost;
      if (!best || isLess(cost, *best) == Answer::Yes)
        best = cost, kept = k;
    }
    Answer answer = isLess(*best, now);
    if (answer == Answer::Yes && context.allows("reassociate")) {
      apply(kept);
      return true;
    }
    if (answer == Answer::Open)
      context.record({.rule = "reassociate",
                      .missed = true,
                      .text = "which order is cheapest hangs on sizes that are "
                              "not known" +
                              remedy(*best - now),
                      .location = outer.location,
                      .before = {now, 0},
                      .after = {*best, 0}});
    for (int64_t k = 0; k < 2 && answer == Answer::No; ++k)
      if (isWeight(factors[1 - k].value) && isWeight(other.value))
        context.record({.rule = "reassociate",
                        .missed = true,
                        .text = "this layer and the one before it stay two, "
                                "since one takes more products",
                        .location = outer.location,
                        .before = {now, 0},
                        .after = {costOfKeeping(k) + addendsCost, 0}});
    return false;
  }

  bool isWeight(const Value *value) const {
    return isFrozen(value) ||
           (value->owner() == &function.body &&
            function.argAttrs[value->index()].find("variable"));
  }

  /// ": from B = 9 on another is; -D B=SIZE states it", of sizes that are open.
  std::string remedy(const Dim &difference) const {
    std::set<std::string> open;
    difference.forEachSymbol([&](const std::string &name) {
      if (!expected.find(name))
        open.insert(name);
    });
    std::string text;
    if (open.size() == 1)
      if (auto first = firstBelowZero(difference, *open.begin()))
        text = ": from " + *open.begin() + " = " + std::to_string(*first) +
               " on another is";
    text += ";";
    for (const std::string &name : open)
      text += " -D " + name + "=SIZE";
    return text + (open.size() == 1 ? " states it" : " states them");
  }

  /// The size from which on a difference that falls with it is below 0; nothing
  /// if it is no line.
  std::optional<int64_t> firstBelowZero(const Dim &difference,
                                        const std::string &name) const {
    auto at = [&](int64_t size) {
      return difference
          .evaluate([&](std::string_view each) -> std::optional<int64_t> {
            const Attr *known = expected.find(each);
            return each == name ? size
                   : known      ? std::optional(known->asInt())
                                : std::nullopt;
          })
          .value_or(0);
    };
    int64_t start = at(0), fall = start - at(1);
    constexpr int64_t far = 1000;
    if (fall <= 0 || start < 0 || at(far) != start - far * fall)
      return std::nullopt;
    return start / fall + 1;
  }

  /// Looks through sums: there must be one product that nobody else uses.
  bool findInner(Value *value, const Indices &names, int64_t depth = 0) {
    constexpr int64_t mostAddends = 64;
    Op *op = value->definingOp();
    if (depth > mostAddends)
      return false;
    bool isOurs = op && value->uses().size() == 1;
    if (isOurs && op->is("add"))
      return findInner(op->operand(0), names, depth + 1) &&
             findInner(op->operand(1), names, depth + 1);
    if (isOurs && op->is("contract")) {
      if (inner)
        return false;
      inner = op;
      innerResult = {value, names};
      return true;
    }
    if (!op || !op->is("broadcast")) {
      addends.push_back({value, names});
      return true;
    }
    // Summed along an axis that it repeats, it would have to be multiplied by
    // the axis's size.
    Indices own;
    for (int64_t axis : op->attr("axes").asInts())
      own.push_back(names[axis]);
    Indices result = indicesOf(outer, "result");
    for (const std::string &name : names)
      if (!holds(own, name) && !holds(result, name))
        return false;
    addends.push_back({op->operand(0), own});
    return true;
  }

  /// Gives the inner product's indices the names that the outer one has for
  /// them, and those that it sums names of their own.
  void nameInner() {
    Indices mine = indicesOf(*inner, "result");
    std::vector<std::pair<std::string, std::string>> names;
    for (size_t axis = 0; axis < mine.size(); ++axis)
      names.emplace_back(mine[axis], innerResult.indices[axis]);
    auto isTaken = [&](const std::string &name) {
      return holds(innerResult.indices, name) || holds(other.indices, name) ||
             std::any_of(names.begin(), names.end(),
                         [&](const auto &pair) { return pair.second == name; });
    };
    for (int64_t i = 0; i < 2; ++i) {
      factors[i] = {inner->operand(i), indicesOf(*inner, i ? "right" : "left")};
      for (std::string &index : factors[i].indices) {
        auto known =
            std::find_if(names.begin(), names.end(),
                         [&](const auto &pair) { return pair.first == index; });
        if (known == names.end()) {
          std::string fresh = index;
          for (int64_t n = 0; isTaken(fresh); ++n)
            fresh = "s" + std::to_string(n);
          known = names.insert(names.end(), {index, fresh});
        }
        index = known->second;
      }
    }
  }

  /// The indices of the product of the other factor with `other`, if factor `k`
  /// comes last: those that it or the result has.
  Indices middleIndices(int64_t k) const {
    Indices names;
    for (const Indices *list : {&factors[1 - k].indices, &other.indices})
      for (const std::string &name : *list)
        if (!holds(names, name) &&
            (holds(factors[k].indices, name) || holds(result, name)))
          names.push_back(name);
    return names;
  }

  Dim costOfKeeping(int64_t k) const {
    Dim second = elementCount(factors[k].value->type().shape());
    Dim middle = 1;
    for (const std::string &name : middleIndices(k)) {
      middle = middle * extentOf(name);
      if (!holds(factors[k].indices, name))
        second = second * extentOf(name);
    }
    if (isFolded(factors[1 - k], other, middle))
      return second;
    return costOf(factors[1 - k], other) + second;
  }

  /// The elements of an addend's product with the other factor.
  Dim sizeOfShare(const Factor &addend) const {
    Dim size = 1;
    for (const std::string &name : result)
      for (const Factor *each : {&addend, &other})
        if (auto place =
                std::find(each->indices.begin(), each->indices.end(), name);
            place != each->indices.end()) {
          size = size * each->value->type().dim(place - each->indices.begin());
          break;
        }
    return size;
  }

  /// Whether `constant-folding` computes the product, of `size` elements.
  static bool isFolded(const Factor &a, const Factor &b, const Dim &size) {
    Dim given = elementCount(a.value->type().shape()) +
                elementCount(b.value->type().shape());
    return becomesFrozen(a.value) && becomesFrozen(b.value) &&
           (given - size).isKnownNonNegative() &&
           simplify::areFewProducts(costOf(a, b));
  }

  /// Whether it is frozen, or a product of frozen weights that will be.
  static bool becomesFrozen(const Value *value, int64_t depth = 0) {
    constexpr int64_t mostProducts = 64;
    const Op *op = value->definingOp();
    return isFrozen(value) ||
           (op && op->is("contract") && depth < mostProducts &&
            becomesFrozen(op->operand(0), depth + 1) &&
            becomesFrozen(op->operand(1), depth + 1) &&
            simplify::areFewProducts(op->def().multiplyAdds(*op)));
  }

  Dim extentOf(const std::string &name) const {
    for (const Factor *each : {&factors[0], &factors[1], &other})
      for (size_t axis = 0; axis < each->indices.size(); ++axis)
        if (each->indices[axis] == name)
          return each->value->type().dim(static_cast<int64_t>(axis));
    return 1;
  }

  enum class Answer { Yes, No, Open };

  Answer isLess(const Dim &a, const Dim &b) const {
    if (isNeverNegative(a - b))
      return Answer::No;
    // For the least sizes it may be no better.
    if (isNeverNegative(b - a))
      return Answer::Yes;
    auto at = [&](const Dim &dim) {
      return dim.evaluate([&](std::string_view name) -> std::optional<int64_t> {
        const Attr *size = expected.find(name);
        return size ? std::optional(size->asInt()) : std::nullopt;
      });
    };
    std::optional<int64_t> left = at(a), right = at(b);
    if (!left || !right)
      return Answer::Open;
    return *left < *right ? Answer::Yes : Answer::No;
  }

  /// Its work is added to `work`, unless the compiler does it.
  Value *product(const Factor &a, const Factor &b, const Indices &indices,
                 Work &work) {
    Value *made = builder.op("contract", {a.value, b.value},
                             {{"left", listOf(a.indices)},
                              {"right", listOf(b.indices)},
                              {"result", listOf(indices)}});
    if (!isFolded(a, b, elementCount(made->type().shape())))
      work = work + workOf(*made->definingOp());
    return made;
  }

  void apply(int64_t kept) {
    Remark remark{.rule = "reassociate",
                  .text = addends.empty()
                              ? "its factors are multiplied in another order"
                              : "this layer and the one before it become one",
                  .location = outer.location,
                  .before = workOf(outer) + workOf(*inner)};
    Factor middle = {nullptr, middleIndices(kept)};
    middle.value =
        product(factors[1 - kept], other, middle.indices, remark.after);
    Value *sum = product(factors[kept], middle, result, remark.after);
    for (const Factor &each : addends) {
      Indices names;
      std::vector<int64_t> axes;
      for (size_t axis = 0; axis < result.size(); ++axis)
        if (holds(each.indices, result[axis]) ||
            holds(other.indices, result[axis])) {
          names.push_back(result[axis]);
          axes.push_back(static_cast<int64_t>(axis));
        }
      Value *share = product(each, other, names, remark.after);
      if (names.size() < result.size())
        share = builder.op("broadcast", {share}, {{"axes", Attr::ints(axes)}},
                           {outer.result()->type()});
      sum = builder.op("add", {sum, share});
    }
    sum->hint = outer.result()->hint;
    outer.result()->replaceAllUsesWith(sum);
    context.applied(std::move(remark));
  }

  Op &outer;
  const Function &function;
  const AttrDict expected;
  const PassContext &context;
  Builder builder;
  Op *inner = nullptr;
  Factor innerResult, other;
  Factor factors[2];           ///< Of the inner product.
  std::vector<Factor> addends; ///< What the inner product is added to.
  Indices result;
};

void visit(Block &block, const Function &function, const PassContext &context) {
  std::vector<Op *> ops;
  for (const auto &op : block.operations())
    ops.push_back(op.get());
  for (Op *op : ops) {
    for (int64_t i = 0; i < op->regionCount(); ++i)
      visit(op->region(i), function, context);
    if (op->is("contract") && Reassociation(*op, function, context).run())
      op->erase();
  }
}

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  visit(function.body, function, context);
  return std::nullopt;
}

extern const Pass pass_reassociate;
const Pass pass_reassociate = {
    .name = "reassociate",
    .doc = "Multiplies products in the order that adds up the fewest, and "
           "makes one layer of those with nothing between them.",
    .from = Graph,
    .to = Graph,
    .run = run,
    .asks = true,
};

} // namespace nnc
