//===- Groups nests into kernels ------------------------------------------===//
//
// A nest joins the kernel of the nest that feeds it if some parallel axes of
// both coincide: the kernel then loops over tiles of these, and runs both nests
// on each tile. Row statistics (softmax, layer norm) and attention come out of
// this one rule, because a kernel may give up an axis over which a later nest
// reduces.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/contraction.h"
#include "ir/kernels/fused_kernel.h"
#include "ir/kernels/fusion_limits.h"
#include "ir/kernels/fusion_remarks.h"
#include "ir/pass.h"

#include "ir/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace nnc {

namespace {

class Fusion {
public:
  Fusion(Block &block, const PassContext &context, const AttrDict &expected)
      : block(block), context(context), expected(expected) {}

  void run() {
    hoistSmall();
    std::vector<Op *> ops;
    for (const auto &op : block.operations())
      if (op.get() != block.terminator())
        ops.push_back(op.get());
    for (Op *op : ops)
      place(op);
    appendTotals();
    for (FusionGroup &group : groups)
      if (!group.ops.empty())
        emit(group);
  }

private:
  /// Constants, and scalars and vectors that hang on the block's arguments
  /// alone, come first, such as a frozen bias and the deviations of a batch
  /// norm: else a nest that needs one could not join a kernel that stands
  /// before it.
  void hoistSmall() {
    std::set<const Op *> early;
    Op *front = block.operations().front().get();
    std::vector<Op *> ops;
    for (const auto &op : block.operations())
      ops.push_back(op.get());
    for (Op *op : ops) {
      bool hoist = op->is("constant") ||
                   (op->is("nest") && Nest(op).parallel.size() <= 1 &&
                    !Nest(op).isReduction());
      for (Value *operand : op->operands())
        hoist &=
            !operand->definingOp() || early.contains(operand->definingOp());
      if (!hoist)
        continue;
      early.insert(op);
      if (op == front)
        front = op->next();
      else
        op->moveBefore(front);
    }
  }

  void place(Op *op) {
    std::set<int64_t> read;
    for (Value *operand : op->operands())
      if (auto found = groupOf.find(operand->definingOp());
          found != groupOf.end())
        read.insert(found->second);
    int64_t latest = read.empty() ? -1 : *read.rbegin();
    if (!op->is("nest")) {
      groupOf[op] = static_cast<int64_t>(groups.size());
      groups.push_back({{op}, {}, true});
      return;
    }
    Nest nest(op);
    makeNamesFresh(nest);
    for (int64_t each : read)
      if (each < latest)
        merge(each, latest, nest);
    if (latest < 0 || !join(groups[latest], nest)) {
      bool isPostponed =
          latest >= 0 &&
          (groups[latest].isClosed || groups[latest].axes.empty()) &&
          std::ranges::any_of(read, [&](int64_t each) {
            return each < latest && joinPostponed(each, nest);
          });
      latest = std::ssize(groups) - isPostponed;
      if (!isPostponed)
        groups.push_back({{op}, nest.parallel, writesWhereDataSays(nest)});
    }
    groupOf[op] = latest;
    if (!groups[latest].isClosed)
      for (int64_t i = 0; i < nest.loadCount(); ++i)
        absorb(latest, nest, i);
  }

  /// Fills part of a tensor, or elements that are known as the program runs.
  static bool writesWhereDataSays(const Nest &nest) {
    bool isPlain = !nest.into && (nest.loaded.empty() || !nest.isReduction());
    for (const Shape &map : nest.results)
      for (const Dim &entry : map)
        for (const auto &[symbol, operand] : nest.loaded)
          isPlain &= !entry.uses(symbol);
    return !isPlain;
  }

  /// What `nest`, now in a group, reads of another one may have the same axes:
  /// two statistics of a row, or its label. That group then runs in this one,
  /// before what reads it, if nothing between the two needs it.
  void absorb(int64_t into, const Nest &nest, int64_t load) {
    FusionGroup &group = groups[into];
    Op *producer = nest.op->operand(load)->definingOp();
    auto found = groupOf.find(producer);
    if (found == groupOf.end() || found->second == into)
      return;
    FusionGroup &other = groups[found->second];
    std::optional<Nest::AxisNames> names = sharedTiles(group, other);
    if (!names || !isReadIn(group, other, names->empty()) ||
        !context.allows("fuse-kernels"))
      return;
    context.count("fuse-kernels", producer->location);
    // A product comes first: its rows may be shared among threads.
    auto reader = std::ranges::find_if(group.ops, [&](Op *op) {
      return other.hasContraction() || readsOf(*op, other);
    });
    moveInto(into, other, *names, reader);
  }

  /// A number that hangs on all of a group which one turn computes comes behind
  /// it, when all that shares the group's tiles is there.
  void appendTotals() {
    for (FusionGroup &total : groups) {
      if (total.isClosed || !total.axes.empty() || total.ops.empty())
        continue;
      int64_t latest = -1;
      for (const Op *op : total.ops)
        for (const Value *operand : op->operands())
          if (auto found = groupOf.find(operand->definingOp());
              found != groupOf.end() && &groups[found->second] != &total)
            latest = std::max(latest, found->second);
      if (latest < 0 || !isOneTurn(groups[latest], expected) ||
          !context.allows("fuse-kernels"))
        continue;
      FusionGroup &group = groups[latest];
      context.count("fuse-kernels", total.ops[0]->location);
      group.axes.clear();
      moveInto(latest, total, {}, group.ops.end());
    }
  }

  /// Whether what has been placed of the readers of `other` is in `group`; of
  /// what each turn computes, all of them.
  bool isReadIn(const FusionGroup &group, const FusionGroup &other,
                bool all) const {
    for (const Op *op : other.ops)
      for (int64_t i = 0; i < op->resultCount(); ++i)
        for (const Value::Use &use : op->result(i)->uses()) {
          auto placed = groupOf.find(use.op);
          if (placed == groupOf.end() ? all
                                      : &groups[placed->second] != &group &&
                                            &groups[placed->second] != &other)
            return false;
        }
    return true;
  }

  void makeNamesFresh(Nest &nest) {
    Nest::AxisNames fresh;
    for (std::vector<NestAxis> *axes : {&nest.parallel, &nest.reduce})
      for (NestAxis &axis : *axes)
        fresh[axis.name] = "a" + std::to_string(nextAxis++);
    nest.renameAxes(fresh);
    nest.write();
  }

  /// Lets two groups with products of a batch run as one where `nest` reads
  /// both, such as the scores of attention, computed again, and their
  /// cotangent. Other products, such as a convolution and its shortcut, had
  /// better have the tiles that suit each.
  void merge(int64_t earlier, int64_t later, const Nest &nest) {
    FusionGroup &from = groups[earlier], &into = groups[later];
    if (from.isClosed || into.isClosed || into.axes.empty() ||
        !hasBatchedProduct(from) || nest.isProduct() ||
        !isReadOnlyAfter(from, later))
      return;
    Coincidence a = coincide(from, nest), b = coincide(into, nest);
    Nest::AxisNames common; // Of an axis of `from`, the name in `into`.
    AxisMatch match;        // The other way.
    std::set<std::string> lost = into.axisNames(),
                          lostBefore = from.axisNames();
    for (const auto &[name, read] : b.match)
      for (const auto &[other, readOther] : a.match)
        if (read == readOther && !b.lost.contains(name) &&
            !a.lost.contains(other)) {
          common[other] = name;
          match[name] = other;
          lost.erase(name);
          lostBefore.erase(other);
        }
    if (common.empty() || !whyNotLose(from, lostBefore).empty() ||
        !whyNotLose(into, lost).empty())
      return;
    for (Op *op : from.ops)
      if (Nest each(op);
          each.isProduct() &&
          !whyNotTake(into, each, match, lost, context.machine, expected)
               .empty())
        return;
    if (!context.allows("fuse-kernels"))
      return;
    context.count("fuse-kernels", nest.op->location);
    std::erase_if(into.axes, [&](const NestAxis &axis) {
      return lost.contains(axis.name);
    });
    moveInto(later, from, common, into.ops.begin());
  }

  static bool hasBatchedProduct(const FusionGroup &group) {
    return std::ranges::any_of(group.ops, [](Op *op) {
      return op->is("nest") && Nest(op).isProduct() && isBatched(Nest(op));
    });
  }

  std::string_view whyNotLose(const FusionGroup &group,
                              const std::set<std::string> &lost) const {
    return whyNotGiveUp(group, lost, context.machine, expected);
  }

  /// All of a group goes into another one, whose axes have these names.
  void moveInto(int64_t into, FusionGroup &from, const Nest::AxisNames &names,
                std::vector<Op *>::iterator place) {
    for (Op *op : from.ops) {
      Nest each(op);
      each.renameAxes(names);
      each.write();
      groupOf[op] = into;
    }
    groups[into].ops.insert(place, from.ops.begin(), from.ops.end());
    from.ops.clear();
  }

  /// Whether nothing that stands before the end of group `later`, or in it,
  /// reads what the group makes.
  bool isReadOnlyAfter(const FusionGroup &group, int64_t later) const {
    for (const Op *op : group.ops)
      for (int64_t i = 0; i < op->resultCount(); ++i)
        for (const Value::Use &use : op->result(i)->uses()) {
          auto found = groupOf.find(use.op);
          bool isPlaced = found != groupOf.end() && found->second <= later;
          if (use.op->parentBlock() != &block ||
              (isPlaced && !group.contains(use.op)))
            return false;
        }
    return true;
  }

  /// Puts a product into a group that has one, and the group behind all others:
  /// the product reads what stands behind the group too.
  bool joinPostponed(int64_t place, Nest &product) {
    if (!product.isProduct() || !hasBatchedProduct(groups[place]) ||
        !isReadOnlyAfter(groups[place], std::ssize(groups)) ||
        !join(groups[place], product))
      return false;
    for (const Op *op : groups[place].ops)
      groupOf[op] = std::ssize(groups);
    groups.push_back(std::exchange(groups[place], {}));
    return true;
  }

  /// Puts `nest` into `group` if that is legal and pays.
  bool join(FusionGroup &group, Nest &nest) {
    if (group.isClosed || writesWhereDataSays(nest))
      return false;
    if (group.axes.empty()) {
      bool joins = nest.parallel.empty() && context.allows("fuse-kernels");
      if (joins)
        append(group, nest);
      return joins;
    }
    auto [match, lost, hasOtherOrder] = coincide(group, nest);
    bool hasAxes = lost.size() < group.axes.size();
    // To give up an axis of one place costs nothing.
    std::set<std::string> givenUp;
    for (const NestAxis &axis : group.axes)
      if (lost.contains(axis.name) && !axis.extent.isConstant(1))
        givenUp.insert(axis.name);
    std::string_view whyNot;
    if (!hasAxes)
      whyNot = hasOtherOrder ? "it reads a value in two orders of its axes"
                             : whyNotComposed(group, nest);
    else if (nest.isProduct())
      whyNot =
          whyNotTake(group, nest, match, givenUp, context.machine, expected);
    if (hasAxes && whyNot.empty() && nest.isProduct())
      whyNot = whyNotTileColumns(group, nest, match);
    bool isPrologue =
        hasAxes && !whyNot.empty() && canPrecede(group, nest, match, givenUp);
    if (isPrologue)
      whyNot = whyNotPrecede(nest, context.machine, expected);
    if (hasAxes && whyNot.empty())
      whyNot = whyNotLose(group, givenUp);
    if (!nest.loaded.empty() && !lost.empty())
      return false;
    if (!hasAxes || !whyNot.empty()) {
      if (!whyNot.empty() && context.records() &&
          context.allows("fuse-kernels"))
        context.record(remarkOnMissed(group, nest, whyNot));
      return false;
    }
    if (!context.allows("fuse-kernels"))
      return false;
    std::erase_if(group.axes, [&](const NestAxis &axis) {
      return lost.contains(axis.name);
    });
    Nest::AxisNames common;
    for (const NestAxis &axis : group.axes)
      common[match[axis.name]] = axis.name;
    nest.renameAxes(common);
    nest.write();
    append(group, nest);
    if (isPrologue)
      group.axes.push_back(*nest.findParallel(ContractionRoles(nest).n));
    return true;
  }

  void append(FusionGroup &group, const Nest &nest) {
    context.count("fuse-kernels", nest.op->location);
    group.ops.push_back(nest.op);
  }

  /// Elementwise values without common axes would be computed where they are
  /// read, were there no other reader.
  std::string_view whyNotComposed(const FusionGroup &group,
                                  const Nest &nest) const {
    for (int64_t i = 0; i < nest.loadCount(); ++i) {
      const Value *value = nest.op->operand(i);
      if (group.contains(value->definingOp()) && hasOtherReader(*value, nest) &&
          !Nest(value->definingOp()).isReduction() && !nest.isContraction())
        return "what it reads has another reader, and is stored for both";
    }
    return "";
  }

  /// Moves the group's ops to the end of the block and wraps nests.
  void emit(FusionGroup &group) {
    Op *end = block.terminator();
    for (Op *op : group.ops)
      op->moveBefore(end);
    if (!group.ops[0]->is("nest"))
      return;
    const Op *kernel = makeKernel(block, group);
    if (context.records() && group.ops.size() > 1)
      context.record(remarkOnFused(*kernel, group));
  }

  Block &block;
  const PassContext &context;
  const AttrDict &expected;
  std::vector<FusionGroup> groups;
  std::map<const Op *, int64_t> groupOf;
  int64_t nextAxis = 0;
};

void fuseBlock(Block &block, const PassContext &context,
               const AttrDict &expected) {
  for (const auto &op : block.operations())
    if (!op->is("nest") && !op->is("kernel"))
      for (int64_t i = 0; i < op->regionCount(); ++i)
        fuseBlock(op->region(i), context, expected);
  Fusion(block, context, expected).run();
}

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  const Attr *expected = function.attrs.find("expected");
  fuseBlock(function.body, context, expected ? expected->asDict() : AttrDict());
  return std::nullopt;
}

extern const Pass pass_fuse_kernels;
const Pass pass_fuse_kernels = {
    .name = "fuse-kernels",
    .doc = "Groups nests that can run together, tile by tile, into kernels.",
    .from = Kernels,
    .to = Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
