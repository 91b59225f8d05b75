#include "ir/pass.h"

#include <functional>
#include <unordered_map>

namespace nnc {

/// Which value of the second of two regions stands for which of the first.
using Pairs = std::unordered_map<const Value *, const Value *>;

static bool isSameRegion(const Block &a, const Block &b, Pairs &pairs);

static bool isSameOp(const Op &a, const Op &b, Pairs &pairs) {
  if (&a.def() != &b.def() || a.operandCount() != b.operandCount() ||
      a.resultTypes() != b.resultTypes() ||
      a.regionCount() != b.regionCount() || !(a.attrs == b.attrs))
    return false;
  auto same = [&](int64_t i, int64_t j) {
    auto found = pairs.find(b.operand(j));
    return a.operand(i) ==
           (found == pairs.end() ? b.operand(j) : found->second);
  };
  bool sameOperands = true;
  for (int64_t i = 0; i < a.operandCount(); ++i)
    sameOperands &= same(i, i);
  // These give the same bits in either order.
  bool commutes = a.is("add") || a.is("mul") || a.is("and") || a.is("or");
  if (!sameOperands && !(commutes && same(0, 1) && same(1, 0)))
    return false;
  for (int64_t i = 0; i < a.regionCount(); ++i)
    if (!isSameRegion(a.region(i), b.region(i), pairs))
      return false;
  for (int64_t i = 0; i < a.resultCount(); ++i)
    pairs[b.result(i)] = a.result(i);
  return true;
}

static bool isSameRegion(const Block &a, const Block &b, Pairs &pairs) {
  if (a.argumentCount() != b.argumentCount() ||
      a.operations().size() != b.operations().size())
    return false;
  // Their types follow from those of the operands.
  for (int64_t i = 0; i < a.argumentCount(); ++i)
    pairs[b.argument(i)] = a.argument(i);
  for (auto p = a.operations().begin(), q = b.operations().begin();
       p != a.operations().end(); ++p, ++q)
    if (!isSameOp(**p, **q, pairs))
      return false;
  return true;
}

namespace {

/// The ops seen so far that later ones may be merged with.
using Seen = std::unordered_multimap<size_t, Op *>;

} // namespace

/// Of what an op is, whatever it is applied to: its name, those attributes
/// that are numbers, and the ops of its regions in their order.
static size_t hashOfKind(const Op &op) {
  size_t hash = std::hash<const void *>()(&op.def());
  for (const auto &[name, value] : op.attrs)
    if (const double *number = value.getIf<double>())
      hash = hash * 31 + std::hash<double>()(*number);
    else if (const Dim *dim = value.getIf<Dim>(); dim && dim->isConstant())
      hash = hash * 31 + static_cast<size_t>(dim->value());
  for (int64_t i = 0; i < op.regionCount(); ++i)
    for (const auto &inner : op.region(i).operations())
      hash = hash * 31 + hashOfKind(*inner);
  return hash;
}

static size_t hashOf(const Op &op) {
  // A sum, since some ops commute; ops that differ only in other attributes are
  // told apart when they are compared.
  size_t hash = hashOfKind(op);
  for (Value *operand : op.operands())
    hash += std::hash<const void *>()(operand) * 31;
  // Constants are many, and have no operands to tell them apart.
  if (op.operandCount() == 0 && op.resultCount() == 1)
    hash += std::hash<std::string>()(op.result()->type().str());
  return hash;
}

/// A region has values of its surroundings as arguments alone: those ops whose
/// regions capture are of a later stage.
static void merge(Block &block, const PassContext &context) {
  Seen seen;
  for (auto place = block.operations().begin();
       place != block.operations().end();) {
    Op *op = (place++)->get();
    for (int64_t i = 0; i < op->regionCount(); ++i)
      merge(op->region(i), context);
    bool pure =
        op->def().effect == Effect::None || op->def().effect == Effect::Stop;
    // Memory to fill is not a value to share.
    if (!pure || op->resultCount() == 0 || op->is("empty"))
      continue;
    size_t hash = hashOf(*op);
    Op *earlier = nullptr;
    auto [first, last] = seen.equal_range(hash);
    for (auto candidate = first; candidate != last && !earlier; ++candidate) {
      Pairs pairs;
      if (isSameOp(*candidate->second, *op, pairs))
        earlier = candidate->second;
    }
    if (!earlier) {
      seen.emplace(hash, op);
      continue;
    }
    if (!context.allows("cse"))
      continue;
    for (int64_t i = 0; i < op->resultCount(); ++i)
      op->result(i)->replaceAllUsesWith(earlier->result(i));
    context.count("cse", op->location);
    if (!op->is("constant"))
      context.record({.rule = "cse",
                      .text = std::string(op->name()) + " is computed once",
                      .location = op->location,
                      .before = context.records() ? workOf(*op) : Work()});
    op->erase();
  }
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  merge(function.body, context);
  return std::nullopt;
}

extern const Pass pass_cse;
const Pass pass_cse = {
    .name = "cse",
    .doc = "Computes once what several ops would compute alike.",
    .from = Graph | Kernels,
    .to = Graph | Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
