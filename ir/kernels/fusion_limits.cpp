#include "ir/kernels/fusion_limits.h"

#include "ir/kernels/product_columns.h"

#include <algorithm>

namespace nnc {

/// Values up to this many elements a tile are kept in scratch memory.
static constexpr int64_t mostScratchElements = 1 << 14;

/// With fewer turns a kernel may have too few for the threads.
static constexpr int64_t fewTurns = 4;

bool isOneTurn(const FusionGroup &group, const AttrDict &expected) {
  if (group.axes.empty() || group.isClosed)
    return !group.isClosed;
  return std::ranges::all_of(group.ops, [&](Op *op) {
    Nest nest(op);
    if (nest.isContraction())
      return false;
    Dim points = 1;
    for (const std::vector<NestAxis> *axes : {&nest.parallel, &nest.reduce})
      for (const NestAxis &axis : *axes)
        points = points * axis.extent;
    std::optional<int64_t> count =
        points.evaluate([&](std::string_view name) -> std::optional<int64_t> {
          const Attr *known = expected.find(name);
          return known ? std::optional(known->asInt()) : std::nullopt;
        });
    return count && *count <= pointsInTurn;
  });
}

bool isBatched(const Nest &nest) {
  auto inMap = [](const Shape &map, const std::string &axis) {
    return std::any_of(map.begin(), map.end(),
                       [&](const Dim &entry) { return entry.uses(axis); });
  };
  return std::any_of(
      nest.parallel.begin(), nest.parallel.end(), [&](const NestAxis &axis) {
        return inMap(nest.maps[0], axis.name) && inMap(nest.maps[1], axis.name);
      });
}

/// What B moves with besides its columns stays an axis of the kernel, as in
/// whyNotTake.
static bool mayLose(const Nest &product, const std::set<std::string> &lost) {
  if (!isBatched(product))
    return false;
  ContractionRoles roles(product);
  return std::none_of(
      roles.batch.begin(), roles.batch.end(),
      [&](const std::string &axis) { return lost.contains(axis); });
}

/// If B is packed once for all rows, each of their tiles may as well take all
/// columns, while these stay in L2 beside B.
static bool mayTakeAllColumns(const Nest &product,
                              const std::set<std::string> &lost,
                              const Machine &machine,
                              const AttrDict &expected) {
  ContractionRoles roles(product);
  if (!roles.batch.empty() || lost != std::set{roles.n} ||
      !product.findParallel(roles.n)->extent.isConstant())
    return false;
  ProductColumns columns(product, roles, machine, expected);
  int64_t bytes = elemBytes(product.op->result()->type().elem());
  return columns.packsWhole &&
         columns.count * machine.tileRows * bytes <= machine.cacheL2 / 4;
}

static bool leavesTurns(const FusionGroup &group,
                        const std::set<std::string> &lost) {
  Dim turns = 1;
  for (const NestAxis &axis : group.axes)
    if (!lost.contains(axis.name))
      turns = turns * axis.extent;
  return !turns.isConstant() || turns.value() >= fewTurns;
}

static std::string_view whyNotKeep(const FusionGroup &group, const Nest &nest,
                                   const std::set<std::string> &lost) {
  Dim kept = 1;
  for (const NestAxis &axis : nest.parallel) {
    bool isLast = &axis == &nest.parallel.back();
    if (group.hasAxis(axis.name) && !lost.contains(axis.name))
      continue;
    if (!axis.extent.isConstant() && !isLast)
      return "of what it reads each tile would keep a part whose size is not "
             "known";
    kept = kept * axis.extent;
  }
  if (!kept.isConstant() || kept.value() <= mostScratchElements)
    return "";
  return "of what it reads each tile would keep more than 16,384 elements";
}

/// A lost axis makes what is kept between the nests longer by its extent, and
/// makes a product pack its second operand for each tile. A product in a batch
/// packs it once for each element of the batch anyway, and then what is kept
/// may be as long as it will: the scores of a head stay with its thread, where
/// the memory for those of all heads would be more.
std::string_view whyNotGiveUp(const FusionGroup &group,
                              const std::set<std::string> &lost,
                              const Machine &machine,
                              const AttrDict &expected) {
  if (lost.empty())
    return "";
  bool hasProduct = false;
  for (Op *op : group.ops)
    if (Nest nest(op); nest.isProduct()) {
      hasProduct = true;
      if (!mayLose(nest, lost) &&
          !mayTakeAllColumns(nest, lost, machine, expected))
        return "it reads more of a product than one tile, and for each larger "
               "tile the product would pack its other operand again";
    }
  if (hasProduct)
    return leavesTurns(group, lost)
               ? ""
               : "fewer than 4 turns would be left for the threads";
  for (Op *op : group.ops)
    if (std::string_view why = whyNotKeep(group, Nest(op), lost); !why.empty())
      return why;
  return "";
}

/// Whether a turn of the kernel handles several places of an axis: the rows or
/// the columns of a product.
static bool isTiled(const FusionGroup &group, const std::string &axis) {
  return std::any_of(group.ops.begin(), group.ops.end(), [&](Op *op) {
    Nest nest(op);
    if (!nest.isProduct())
      return false;
    ContractionRoles roles(nest);
    return roles.m == axis || roles.n == axis;
  });
}

/// Whether tiles of the kernel have the rows of a product in them, if these are
/// places of an image: turns of whole images would be too few for threads, if
/// not so short that threads would wait for each other longer.
static bool keepsRows(const Nest &product, const ContractionRoles &roles,
                      const AxisMatch &match,
                      const std::set<std::string> &lost) {
  std::set<std::string> kept;
  for (const auto &[axis, mine] : match)
    if (!lost.contains(axis))
      kept.insert(mine);
  Dim work = 1;
  for (const std::vector<NestAxis> *axes : {&product.parallel, &product.reduce})
    for (const NestAxis &axis : *axes)
      if (!kept.contains(axis.name))
        work = work * axis.extent;
  bool isShort = work.isConstant() && work.value() <= littleWork;
  return roles.outer.empty() || kept.contains(roles.m) || isShort;
}

/// Bytes of operand B, if it comes from outside and is packed whole.
static std::optional<int64_t> bytesPackedWhole(const FusionGroup &group,
                                               const Nest &product,
                                               const Machine &machine,
                                               const AttrDict &expected) {
  ContractionRoles roles(product);
  const Value *b = product.op->operand(roles.b);
  ProductColumns columns(product, roles, machine, expected);
  if (!roles.batch.empty() || group.contains(b->definingOp()) ||
      !elementCount(b->type().shape()).isConstant() || !columns.packsWhole)
    return std::nullopt;
  return columns.count * columns.bytes;
}

/// Whether nobody outside of the group needs what the product reads of it, so
/// that this is not stored at all. What else stores, such as a derivative for
/// the gradients of weights, would be there for all layers at once.
static bool staysInside(const FusionGroup &group, const Nest &product) {
  const Value *a = product.op->operand(ContractionRoles(product).a);
  return std::ranges::all_of(a->uses(), [&](const Value::Use &use) {
    return use.op == product.op || group.contains(use.op);
  });
}

/// Whether the products of a kernel, whose tiles have all their columns
/// already, and one more pack their other operands once for all rows, and these
/// stay in L2 together: the values of attention beside its keys.
static bool packsAllWhole(const FusionGroup &group, const Nest &product,
                          const Machine &machine, const AttrDict &expected) {
  std::optional<int64_t> bytes =
      bytesPackedWhole(group, product, machine, expected);
  for (Op *op : group.ops) {
    Nest nest(op);
    if (!bytes || !nest.isProduct())
      continue;
    std::optional<int64_t> more =
        bytesPackedWhole(group, nest, machine, expected);
    if (!more || group.hasAxis(ContractionRoles(nest).n))
      return false;
    *bytes += *more;
  }
  return group.hasProduct() && bytes && *bytes <= machine.cacheL2 / 2;
}

/// Operand B is packed once for each turn of the kernel: what it moves with
/// besides its columns must be an axis of the kernel, one place at a time.
std::string_view whyNotTake(const FusionGroup &group, const Nest &product,
                            const AxisMatch &match,
                            const std::set<std::string> &lost,
                            const Machine &machine, const AttrDict &expected) {
  if (lost.empty() && staysInside(group, product) &&
      packsAllWhole(group, product, machine, expected))
    return "";
  ContractionRoles roles(product);
  std::set<std::string> batch(roles.batch.begin(), roles.batch.end());
  bool hasNone = batch.empty();
  if (!keepsRows(product, roles, match, lost))
    return "each turn would compute all rows of a product";
  // For an axis of one place nothing is packed again.
  std::erase_if(batch, [&](const std::string &axis) {
    return product.findParallel(axis)->extent.isConstant(1);
  });
  for (const auto &[axis, mine] : match)
    if (!lost.contains(axis) && !isTiled(group, axis))
      batch.erase(mine);
  return hasNone || !batch.empty()
             ? "for each tile of what it reads a product would pack its other "
               "operand again"
             : "";
}

/// The axis of the reader that reads the one of that name, if it is one.
static std::optional<std::string> readAs(const Nest &nest, const Nest &reader,
                                         const Value::Use &use,
                                         const std::string &axis) {
  if (use.operand >= reader.loadCount()) // What it fills a part of.
    return std::nullopt;
  const Shape &written = nest.results[0];
  const Shape &read = reader.maps[use.operand];
  for (size_t d = 0; d < written.size(); ++d)
    if (written[d].asSymbol() == axis)
      return read[d].asSymbol();
  return std::nullopt;
}

/// Whether a reduction over that axis reads the nest's result, or what follows
/// from that element by element.
static bool isReducedOver(const Nest &nest, const std::string &axis) {
  constexpr size_t most = 16;
  std::vector<std::pair<Op *, std::string>> found = {{nest.op, axis}};
  for (size_t i = 0; i < found.size() && i < most; ++i) {
    Nest made(found[i].first);
    for (const Value::Use &use : made.op->result()->uses()) {
      if (!use.op->is("nest"))
        continue;
      Nest reader(use.op);
      auto name = readAs(made, reader, use, found[i].second);
      if (name && reader.reduces(*name) && !reader.isContraction())
        return true;
      if (name && !reader.isReduction() && use.op->resultCount() == 1)
        found.emplace_back(use.op, *name);
    }
  }
  return false;
}

std::string_view whyNotTileColumns(const FusionGroup &group, const Nest &nest,
                                   const AxisMatch &match) {
  std::string columns = ContractionRoles(nest).n;
  bool areTiled = std::ranges::any_of(match, [&](const auto &pair) {
    return pair.second == columns && isTiled(group, pair.first);
  });
  if (!areTiled || !isReducedOver(nest, columns))
    return "";
  return "a reduction over the product's columns reads it, and a tile would "
         "have some of them only";
}

bool canPrecede(const FusionGroup &group, const Nest &product,
                const AxisMatch &match, const std::set<std::string> &lost) {
  auto isInside = [&](const Op *op) {
    return op == product.op ||
           std::ranges::find(group.ops, op) != group.ops.end();
  };
  ContractionRoles roles(product);
  if (roles.n.empty() || roles.m.empty() || !roles.batch.empty() ||
      !keepsRows(product, roles, match, lost) ||
      product.findParallel(roles.m)->extent.isConstant(1) ||
      isInside(product.op->operand(roles.b)->definingOp()))
    return false;
  for (Op *op : group.ops) {
    if (Nest(op).isContraction())
      return false;
    // An elementwise reader that comes later joins rather than the product.
    for (int64_t i = 0; i < op->resultCount(); ++i)
      for (const Value::Use &use : op->result(i)->uses())
        if (!isInside(use.op) && use.op->is("nest") &&
            !Nest(use.op).isReduction())
          return false;
  }
  return true;
}

std::string_view whyNotPrecede(const Nest &product, const Machine &machine,
                               const AttrDict &expected) {
  if (ProductColumns(product, ContractionRoles(product), machine, expected)
          .packsWhole)
    return "";
  return "the product's other operand does not stay in half of L2, so that for "
         "each part of it what it reads would be computed again";
}

} // namespace nnc
