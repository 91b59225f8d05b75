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
#include "ir/pass.h"

#include "ir/check.h"

#include <algorithm>
#include <map>
#include <set>

namespace nnc {

namespace {

/// Values up to this many elements a tile are kept in scratch memory.
constexpr int64_t mostScratchElements = 1 << 14;

/// With fewer turns a kernel may have too few for the threads.
constexpr int64_t fewTurns = 4;

/// The axes that both operands and the result of a contraction have.
std::set<std::string> batchAxes(const Nest &nest) {
  std::set<std::string> result;
  auto inMap = [](const Shape &map, const std::string &axis) {
    return std::any_of(map.begin(), map.end(),
                       [&](const Dim &entry) { return entry.uses(axis); });
  };
  for (const NestAxis &axis : nest.parallel)
    if (inMap(nest.maps[0], axis.name) && inMap(nest.maps[1], axis.name))
      result.insert(axis.name);
  return result;
}

struct Group {
  std::vector<Op *> ops;
  std::vector<NestAxis> axes; ///< Empty: nothing may join.
};

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
    for (Group &group : groups)
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
    std::vector<std::string> names;
    for (std::vector<NestAxis> *axes : {&nest.parallel, &nest.reduce})
      for (NestAxis &axis : *axes)
        names.push_back(axis.name);
    for (const std::string &name : names)
      nest.renameAxis(name, "a" + std::to_string(nextAxis++));
    nest.write();
  }

  /// Puts `nest` into `group` if that is legal and pays.
  bool join(Group &group, Nest &nest) {
    if (group.axes.empty() || nest.into || !nest.loaded.empty())
      return false;
    // Which axis of the nest each axis of the group coincides with.
    std::map<std::string, std::string> match;
    std::set<std::string> lost;
    for (int64_t i = 0; i < nest.loadCount(); ++i) {
      Value *value = nest.op->operand(i);
      if (!isIn(group, value))
        continue;
      Nest producer(value->definingOp());
      const Shape &written = producer.results[value->index()];
      for (size_t d = 0; d < written.size(); ++d) {
        std::optional<std::string> axis = written[d].asSymbol();
        if (!axis || !hasAxis(group, *axis))
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
        if (!isNew && known->second != *read)
          lost.insert(*axis);
      }
    }
    std::set<std::string> taken;
    for (const NestAxis &axis : group.axes) {
      auto found = match.find(axis.name);
      if (found == match.end() || !taken.insert(found->second).second)
        lost.insert(axis.name);
    }
    if (lost.size() == group.axes.size() || !mayLose(group, lost))
      return false;
    if (nest.isProduct() && !mayJoinAsContraction(nest, match, lost))
      return false;
    if (!context.allows("fuse-kernels"))
      return false;
    context.count("fuse-kernels", nest.op->location);
    std::erase_if(group.axes, [&](const NestAxis &axis) {
      return lost.contains(axis.name);
    });
    for (const NestAxis &axis : group.axes)
      nest.renameAxis(match[axis.name], axis.name);
    nest.write();
    group.ops.push_back(nest.op);
    return true;
  }

  /// Says what a kernel of several nests moves, and what they would move one
  /// by one.
  void remarkOn(const Op &kernel, const Group &group) const {
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

  bool isIn(const Group &group, const Value *value) const {
    return std::find(group.ops.begin(), group.ops.end(), value->definingOp()) !=
           group.ops.end();
  }

  static bool hasAxis(const Group &group, std::string_view name) {
    return std::any_of(group.axes.begin(), group.axes.end(),
                       [&](const NestAxis &axis) { return axis.name == name; });
  }

  /// A lost axis makes what is kept between the nests longer by its extent, and
  /// makes a product pack its second operand for each tile. A product in a
  /// batch packs it once for each element of the batch anyway, and then what is
  /// kept may be as long as it will: the scores of a head stay with its thread,
  /// where the memory for those of all heads would be more.
  static bool mayLose(const Group &group, const std::set<std::string> &lost) {
    if (lost.empty())
      return true;
    bool hasProduct = false;
    for (Op *op : group.ops)
      if (Nest nest(op); nest.isProduct()) {
        hasProduct = true;
        if (!mayLose(nest, lost))
          return false;
      }
    if (hasProduct)
      return leavesTurns(group, lost);
    return std::all_of(group.ops.begin(), group.ops.end(), [&](Op *op) {
      return keepsLittle(group, Nest(op), lost);
    });
  }

  /// What B moves with besides its columns stays an axis of the kernel, as in
  /// mayJoinAsContraction.
  static bool mayLose(const Nest &product, const std::set<std::string> &lost) {
    if (batchAxes(product).empty())
      return false;
    ContractionRoles roles(product);
    return std::none_of(
        roles.batch.begin(), roles.batch.end(),
        [&](const std::string &axis) { return lost.contains(axis); });
  }

  static bool leavesTurns(const Group &group,
                          const std::set<std::string> &lost) {
    Dim turns = 1;
    for (const NestAxis &axis : group.axes)
      if (!lost.contains(axis.name))
        turns = turns * axis.extent;
    return !turns.isConstant() || turns.value() >= fewTurns;
  }

  static bool keepsLittle(const Group &group, const Nest &nest,
                          const std::set<std::string> &lost) {
    Dim kept = 1;
    for (const NestAxis &axis : nest.parallel) {
      bool isLast = &axis == &nest.parallel.back();
      if (hasAxis(group, axis.name) && !lost.contains(axis.name))
        continue;
      if (!axis.extent.isConstant() && !isLast)
        return false;
      kept = kept * axis.extent;
    }
    return !kept.isConstant() || kept.value() <= mostScratchElements;
  }

  static bool
  mayJoinAsContraction(const Nest &nest,
                       const std::map<std::string, std::string> &match,
                       const std::set<std::string> &lost) {
    // Operand B is packed once for each turn of the kernel: what it moves with
    // besides its columns must be an axis of the kernel.
    ContractionRoles roles(nest);
    std::set<std::string> batch(roles.batch.begin(), roles.batch.end());
    if (batch.empty())
      return false;
    for (const auto &[axis, mine] : match)
      if (!lost.contains(axis))
        batch.erase(mine);
    return batch.empty();
  }

  /// Moves the group's ops to the end of the block and wraps nests.
  void emit(Group &group) {
    Op *end = block.terminator();
    for (Op *op : group.ops)
      op->moveBefore(end);
    if (group.ops[0]->is("nest"))
      wrap(group);
  }

  void wrap(Group &group) {
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
    std::map<std::string, std::string> names;
    for (const auto &[name, extent] : kernel.attr("axes").asDict()) {
      names[name] = "i" + std::to_string(names.size());
      axes.set(names[name], extent);
    }
    kernel.attrs.set("axes", axes);
    for (const auto &op : kernel.region().operations()) {
      if (!op->is("nest"))
        continue;
      Nest nest(op.get());
      int64_t own = 0;
      std::vector<std::string> old;
      for (std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
        for (NestAxis &axis : *list)
          old.push_back(axis.name);
      for (const std::string &name : old)
        nest.renameAxis(name, names.contains(name)
                                  ? names[name]
                                  : "j" + std::to_string(own++));
      nest.write();
    }
  }

  Block &block;
  const PassContext &context;
  std::vector<Group> groups;
  std::map<Op *, int64_t> groupOf;
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
