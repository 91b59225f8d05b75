//===- Groups nests into kernels ------------------------------------------===//
//
// A nest joins the kernel of the nest that feeds it if some parallel axes of
// both coincide: the kernel then loops over tiles of these, and runs both nests
// on each tile. Row statistics (softmax, layer norm) and attention come out of
// this one rule, because a kernel may give up an axis over which a later nest
// reduces.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/fused_kernel.h"
#include "ir/kernels/fusion_limits.h"
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
  Fusion(Block &block, const PassContext &context)
      : block(block), context(context) {}

  void run() {
    hoistSmall();
    std::vector<Op *> ops;
    for (const auto &op : block.operations())
      if (op.get() != block.terminator())
        ops.push_back(op.get());
    for (Op *op : ops)
      place(op);
    for (FusionGroup &group : groups)
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
      groups.push_back({{op}, {}});
      return;
    }
    Nest nest(op);
    makeNamesFresh(nest);
    for (int64_t each : read)
      if (each < latest)
        merge(each, latest, nest);
    if (latest >= 0 && join(groups[latest], nest)) {
      groupOf[op] = latest;
      return;
    }
    for (int64_t each : read)
      if (each < latest && groups[latest].axes.empty() &&
          joinPostponed(each, nest))
        return;
    groupOf[op] = static_cast<int64_t>(groups.size());
    groups.push_back({{op}, nest.parallel});
    if (nest.into || !nest.loaded.empty())
      groups.back().axes.clear();
  }

  void makeNamesFresh(Nest &nest) {
    Nest::AxisNames fresh;
    for (std::vector<NestAxis> *axes : {&nest.parallel, &nest.reduce})
      for (NestAxis &axis : *axes)
        fresh[axis.name] = "a" + std::to_string(nextAxis++);
    nest.renameAxes(fresh);
    nest.write();
  }

  /// Which axis of a nest each axis of a group coincides with, where the nest
  /// reads what the group makes.
  struct Coincidence {
    AxisMatch match;
    std::set<std::string> lost; ///< Axes of the group without one.
    bool hasOtherOrder = false;
  };

  static Coincidence coincide(const FusionGroup &group, const Nest &nest) {
    Coincidence result;
    auto &[match, lost, hasOtherOrder] = result;
    for (int64_t i = 0; i < nest.loadCount(); ++i) {
      Value *value = nest.op->operand(i);
      if (!isIn(group, value))
        continue;
      Nest producer(value->definingOp());
      const Shape &written = producer.results[value->index()];
      for (size_t d = 0; d < written.size(); ++d) {
        std::optional<std::string> axis = written[d].asSymbol();
        if (!axis || !group.hasAxis(*axis))
          continue;
        // There is one place along it only.
        if (value->type().dim(d).isConstant(1) && nest.maps[i][d].isConstant(0))
          continue;
        std::optional<std::string> read = nest.maps[i][d].asSymbol();
        const NestAxis *mine = read ? nest.findParallel(*read) : nullptr;
        if (!mine || nest.fill[i] || !(mine->extent == value->type().dim(d))) {
          lost.insert(*axis);
          continue;
        }
        auto [known, isNew] = match.emplace(*axis, *read);
        if (!isNew && known->second != *read) {
          hasOtherOrder = true;
          lost.insert(*axis);
        }
      }
    }
    std::set<std::string> taken;
    for (const NestAxis &axis : group.axes) {
      auto found = match.find(axis.name);
      if (found == match.end() || !taken.insert(found->second).second)
        lost.insert(axis.name);
    }
    return result;
  }

  /// Lets two groups with products of a batch run as one where `nest` reads
  /// both, such as the scores of attention, computed again, and their
  /// cotangent.
  void merge(int64_t earlier, int64_t later, const Nest &nest) {
    FusionGroup &from = groups[earlier], &into = groups[later];
    if (!hasProduct(from) || from.axes.empty() || into.axes.empty() ||
        nest.isProduct() || !isReadOnlyAfter(from, later))
      return;
    Coincidence a = coincide(from, nest), b = coincide(into, nest);
    Nest::AxisNames common; // Of an axis of `from`, the name in `into`.
    AxisMatch match;        // The other way.
    std::set<std::string> lost = namesOf(into), lostBefore = namesOf(from);
    for (const auto &[name, read] : b.match)
      for (const auto &[other, readOther] : a.match)
        if (read == readOther && !b.lost.contains(name) &&
            !a.lost.contains(other)) {
          common[other] = name;
          match[name] = other;
          lost.erase(name);
          lostBefore.erase(other);
        }
    if (common.empty() || !whyNotGiveUp(from, lostBefore).empty() ||
        !whyNotGiveUp(into, lost).empty())
      return;
    for (Op *op : from.ops)
      if (Nest each(op);
          each.isProduct() && !whyNotTake(into, each, match, lost).empty())
        return;
    if (!context.allows("fuse-kernels"))
      return;
    context.count("fuse-kernels", nest.op->location);
    for (Op *op : from.ops) {
      Nest each(op);
      each.renameAxes(common);
      each.write();
      groupOf[op] = later;
    }
    into.ops.insert(into.ops.begin(), from.ops.begin(), from.ops.end());
    std::erase_if(into.axes, [&](const NestAxis &axis) {
      return lost.contains(axis.name);
    });
    from = {};
  }

  static bool hasProduct(const FusionGroup &group) {
    return std::ranges::any_of(group.ops, [](Op *op) {
      return op->is("nest") && Nest(op).isProduct();
    });
  }

  static std::set<std::string> namesOf(const FusionGroup &group) {
    std::set<std::string> names;
    for (const NestAxis &axis : group.axes)
      names.insert(axis.name);
    return names;
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
              (isPlaced && !contains(group, use.op)))
            return false;
        }
    return true;
  }

  /// Puts a product into a group that has one, and the group behind all others:
  /// the product reads what stands behind the group too.
  bool joinPostponed(int64_t place, Nest &product) {
    if (!product.isProduct() || !hasProduct(groups[place]) ||
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
    if (group.axes.empty() || nest.into || !nest.loaded.empty())
      return false;
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
      whyNot = whyNotTake(group, nest, match, givenUp);
    if (hasAxes && whyNot.empty())
      whyNot = whyNotGiveUp(group, givenUp);
    if (!hasAxes || !whyNot.empty()) {
      miss(group, nest, whyNot);
      return false;
    }
    if (!context.allows("fuse-kernels"))
      return false;
    context.count("fuse-kernels", nest.op->location);
    std::erase_if(group.axes, [&](const NestAxis &axis) {
      return lost.contains(axis.name);
    });
    Nest::AxisNames common;
    for (const NestAxis &axis : group.axes)
      common[match[axis.name]] = axis.name;
    nest.renameAxes(common);
    nest.write();
    group.ops.push_back(nest.op);
    return true;
  }

  /// Elementwise values without common axes would be computed where they are
  /// read, were there no other reader.
  std::string_view whyNotComposed(const FusionGroup &group,
                                  const Nest &nest) const {
    for (int64_t i = 0; i < nest.loadCount(); ++i) {
      const Value *value = nest.op->operand(i);
      if (isIn(group, value) && hasOtherReader(*value, nest) &&
          !Nest(value->definingOp()).isReduction() && !nest.isContraction())
        return "what it reads has another reader, and is stored for both";
    }
    return "";
  }

  static bool hasOtherReader(const Value &value, const Nest &nest) {
    return std::ranges::any_of(
        value.uses(), [&](const Value::Use &use) { return use.op != nest.op; });
  }

  /// Says why a nest stays a kernel of its own, and what it costs to store what
  /// it reads; nothing if it is far from joining.
  void miss(const FusionGroup &group, const Nest &nest,
            std::string_view whyNot) const {
    if (whyNot.empty() || !context.records() || !context.allows("fuse-kernels"))
      return;
    Remark remark{.rule = "fuse-kernels",
                  .missed = true,
                  .text = "starts a kernel of its own: " + std::string(whyNot),
                  .location = nest.op->location};
    std::set<const Value *> counted;
    for (int64_t i = 0; i < nest.loadCount(); ++i) {
      const Value *value = nest.op->operand(i);
      if (!isIn(group, value) || !counted.insert(value).second)
        continue;
      Dim bytes =
          elementCount(value->type().shape()) * elemBytes(value->type().elem());
      bool isStored = hasOtherReader(*value, nest);
      remark.before.bytes = remark.before.bytes + bytes * 2;
      remark.after.bytes = remark.after.bytes + (isStored ? bytes : Dim(0));
      remark.source = value->definingOp()->location;
    }
    context.record(std::move(remark));
  }

  /// Says what a kernel of several nests moves, and what they would move one
  /// by one.
  void remarkOn(const Op &kernel, const FusionGroup &group) const {
    if (!context.records() || group.ops.size() == 1)
      return;
    Remark remark{.rule = "fuse-kernels",
                  .text = std::to_string(group.ops.size()) +
                          " loops run as one kernel, tile by tile",
                  .location = group.ops[0]->location};
    for (const Op *op : group.ops)
      remark.before = remark.before + workOf(*op);
    remark.after = workOf(kernel);
    remark.after.multiplyAdds = remark.before.multiplyAdds;
    context.record(std::move(remark));
  }

  static bool contains(const FusionGroup &group, const Op *op) {
    return std::ranges::find(group.ops, op) != group.ops.end();
  }
  static bool isIn(const FusionGroup &group, const Value *value) {
    return contains(group, value->definingOp());
  }

  /// Moves the group's ops to the end of the block and wraps nests.
  void emit(FusionGroup &group) {
    Op *end = block.terminator();
    for (Op *op : group.ops)
      op->moveBefore(end);
    if (!group.ops.empty() && group.ops[0]->is("nest"))
      remarkOn(*makeKernel(block, group), group);
  }

  Block &block;
  const PassContext &context;
  std::vector<FusionGroup> groups;
  std::map<const Op *, int64_t> groupOf;
  int64_t nextAxis = 0;
};

void fuseBlock(Block &block, const PassContext &context) {
  for (const auto &op : block.operations())
    if (!op->is("nest") && !op->is("kernel"))
      for (int64_t i = 0; i < op->regionCount(); ++i)
        fuseBlock(op->region(i), context);
  Fusion(block, context).run();
}

} // namespace

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  fuseBlock(function.body, context);
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
