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
#include "ir/kernels/fusion_limits.h"
#include "ir/pass.h"

#include "ir/check.h"

#include <algorithm>
#include <map>
#include <set>

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
    int64_t latest = -1;
    for (Value *operand : op->operands())
      if (Op *producer = operand->definingOp())
        if (auto found = groupOf.find(producer); found != groupOf.end())
          latest = std::max(latest, found->second);
    if (!op->is("nest")) {
      groupOf[op] = static_cast<int64_t>(groups.size());
      groups.push_back({{op}, {}});
      return;
    }
    Nest nest(op);
    makeNamesFresh(nest);
    if (latest >= 0 && join(groups[latest], nest)) {
      groupOf[op] = latest;
      return;
    }
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

  /// Puts `nest` into `group` if that is legal and pays.
  bool join(FusionGroup &group, Nest &nest) {
    if (group.axes.empty() || nest.into || !nest.loaded.empty())
      return false;
    // Which axis of the nest each axis of the group coincides with.
    AxisMatch match;
    std::set<std::string> lost;
    bool hasOtherOrder = false;
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
    bool isPrologue = hasAxes && !whyNot.empty() && canPrecede(group, nest);
    if (isPrologue)
      whyNot = whyNotPrecede(nest, context.machine, expected);
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
    if (isPrologue)
      group.axes.push_back(*nest.findParallel(ContractionRoles(nest).n));
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

  bool isIn(const FusionGroup &group, const Value *value) const {
    return std::find(group.ops.begin(), group.ops.end(), value->definingOp()) !=
           group.ops.end();
  }

  /// Moves the group's ops to the end of the block and wraps nests.
  void emit(FusionGroup &group) {
    Op *end = block.terminator();
    for (Op *op : group.ops)
      op->moveBefore(end);
    if (group.ops[0]->is("nest"))
      wrap(group);
  }

  void wrap(FusionGroup &group) {
    std::vector<Value *> operands, results;
    auto isOutside = [&](Op *op) {
      return std::find(group.ops.begin(), group.ops.end(), op) ==
             group.ops.end();
    };
    for (Op *op : group.ops) {
      for (Value *operand : op->operands())
        if ((!operand->definingOp() || isOutside(operand->definingOp())) &&
            std::find(operands.begin(), operands.end(), operand) ==
                operands.end())
          operands.push_back(operand);
      for (int64_t i = 0; i < op->resultCount(); ++i)
        for (const Value::Use &use : op->result(i)->uses())
          if (isOutside(use.op)) {
            results.push_back(op->result(i));
            break;
          }
    }
    std::vector<Type> types;
    for (Value *value : results)
      types.push_back(value->type());
    if (Nest first(group.ops[0]); group.axes.empty())
      group.axes = first.parallel;
    AttrDict axes;
    for (const NestAxis &axis : group.axes)
      axes.set(axis.name, axis.extent);
    Builder builder(block.terminator());
    builder.location = group.ops.back()->location;
    Op *kernel = builder.createWithRegions("kernel", operands, {{"axes", axes}},
                                           types, 1);
    Block &body = kernel->region();
    for (size_t i = 0; i < results.size(); ++i) {
      kernel->result(i)->hint = results[i]->hint;
      std::vector<Value::Use> uses = results[i]->uses();
      for (const Value::Use &use : uses)
        if (isOutside(use.op))
          use.op->setOperand(use.operand, kernel->result(i));
    }
    Builder(body).create("yield", results);
    remarkOn(*kernel, group);
    for (Op *op : group.ops)
      op->moveBefore(body.terminator());
    for (Value *operand : operands) {
      Value *argument = body.addArgument(operand->type(), operand->hint);
      for (Op *op : group.ops)
        for (int64_t i = 0; i < op->operandCount(); ++i)
          if (op->operand(i) == operand)
            op->setOperand(i, argument);
    }
    renumberAxes(*kernel);
  }

  /// Names the shared axes i0, i1, ... and the others j0, j1, ... anew for each
  /// kernel, so that equal kernels read alike.
  static void renumberAxes(Op &kernel) {
    AttrDict axes;
    Nest::AxisNames shared;
    for (const auto &[name, extent] : kernel.attr("axes").asDict()) {
      shared[name] = "i" + std::to_string(shared.size());
      axes.set(shared[name], extent);
    }
    kernel.attrs.set("axes", axes);
    for (const auto &op : kernel.region().operations()) {
      if (!op->is("nest"))
        continue;
      Nest nest(op.get());
      Nest::AxisNames names = shared;
      int64_t own = 0;
      for (std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
        for (NestAxis &axis : *list)
          if (!shared.contains(axis.name))
            names[axis.name] = "j" + std::to_string(own++);
      nest.renameAxes(names);
      nest.write();
    }
  }

  Block &block;
  const PassContext &context;
  const AttrDict &expected;
  std::vector<FusionGroup> groups;
  std::map<Op *, int64_t> groupOf;
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
