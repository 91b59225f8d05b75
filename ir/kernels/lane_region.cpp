#include "ir/kernels/lane_region.h"

#include "ir/kernels/contraction.h"
#include "ir/kernels/product_columns.h"

#include <algorithm>
#include <set>

namespace nnc {

static const Dim lane = Dim::symbol("lane");

bool isOfImages(const Shape &map, const std::string &axis) {
  return !map.empty() && map[0].asSymbol() == axis;
}

Nest inLanes(Nest nest, const std::string &axis) {
  for (std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce}) {
    auto found = std::ranges::find(*list, axis, &NestAxis::name);
    if (found == list->end())
      continue;
    found->extent = found->extent.ceilDiv(lanes);
    list->push_back({*lane.asSymbol(), lanes});
  }
  for (std::vector<Shape> *list : {&nest.maps, &nest.results})
    for (Shape &map : *list)
      if (isOfImages(map, axis))
        map.push_back(lane);
  return nest;
}

Type inLanes(const Type &type) {
  Shape shape = type.shape();
  shape[0] = shape[0].ceilDiv(lanes);
  shape.push_back(lanes);
  return type.withShape(shape);
}

Dim imageInLane(const std::string &axis) {
  return lanes * Dim::symbol(axis) + lane;
}

bool LaneRegion::isSeed(Op &op, const AttrDict &expected,
                        const Machine &machine) {
  if (!op.is("nest") || !Nest(&op).isProduct())
    return false;
  Nest nest(&op);
  ContractionRoles roles(nest);
  const Shape &map = nest.maps[roles.b];
  const NestAxis *axis =
      map.empty() ? nullptr : nest.findParallel(map[0].asSymbol().value_or(""));
  if (!axis || !inLanes(nest, axis->name).isProductInLanes())
    return false;
  bool isExpected = axis->extent.isConstant() ||
                    expected.find(axis->extent.asSymbol().value_or(""));
  const Type &weights = op.operand(roles.a)->type();
  Dim bytes = elementCount(weights.shape()) * elemBytes(weights.elem());
  return isExpected && estimate(axis->extent, expected) >= lanes &&
         bytes.isConstant() && bytes.value() <= machine.cacheL2 / 8;
}

LaneRegion::LaneRegion(Op &seed) {
  Nest nest(&seed);
  const Shape &map = nest.maps[ContractionRoles(nest).b];
  batch = nest.findParallel(*map[0].asSymbol())->extent;
  add(&seed, map);
  for (size_t i = 0; i < members.size(); ++i) {
    Nest member(members[i]);
    const std::string axis = axes.at(member.op);
    for (int64_t k = 0; k < member.loadCount(); ++k)
      if (isOfImages(member.maps[k], axis))
        addNeighbours(member.op->operand(k));
    for (int64_t k = 0; k < member.op->resultCount(); ++k)
      if (isOfImages(member.results[k], axis))
        addNeighbours(member.op->result(k));
  }
  auto leaves = [&](Op *op) {
    bool mustLeave = readsOtherImages(op) || !addsZeros(op);
    if (mustLeave)
      axes.erase(op);
    return mustLeave;
  };
  while (std::erase_if(members, leaves))
    continue;
}

/// What gives the images, and what reads them.
void LaneRegion::addNeighbours(Value *value) {
  if (Op *op = value->definingOp(); op && op->is("nest"))
    add(op, Nest(op).results[value->index()]);
  for (const Value::Use &use : value->uses())
    if (use.op->is("nest"))
      if (Nest user(use.op); use.operand < user.loadCount())
        add(use.op, user.maps[use.operand]);
}

void LaneRegion::add(Op *op, const Shape &map) {
  if (map.empty() || !map[0].asSymbol() || axes.contains(op) ||
      !mayJoin(Nest(op), *map[0].asSymbol()))
    return;
  axes.emplace(op, *map[0].asSymbol());
  members.push_back(op);
}

/// Whether nothing becomes infinite, or stops the program, for an image of
/// zeros that does not for others.
static bool staysFinite(const Block &body) {
  constexpr std::string_view names[] = {"exp", "log",     "sqrt",
                                        "pow", "int_div", "mod"};
  return std::ranges::none_of(body.operations(), [&](const auto &op) {
    bool divides =
        op->is("div") && !(op->operand(1)->definingOp() &&
                           op->operand(1)->definingOp()->is("constant"));
    return divides || std::ranges::any_of(names, [&](std::string_view name) {
             return op->is(name);
           });
  });
}

bool LaneRegion::mayJoin(const Nest &nest, const std::string &axis) const {
  if (nest.into || !nest.loaded.empty() || nest.op->parentBlock()->parentOp() ||
      (!isWhole() && !staysFinite(nest.body())))
    return false;
  auto isBatch = [&](const Shape &map, const Value *value) {
    for (size_t i = isOfImages(map, axis) ? 1 : 0; i < map.size(); ++i)
      if (map[i].uses(axis))
        return false;
    return !isOfImages(map, axis) || value->type().dim(0) == batch;
  };
  for (int64_t k = 0; k < nest.loadCount(); ++k)
    if (!isBatch(nest.maps[k], nest.op->operand(k)))
      return false;
  for (int64_t k = 0; k < nest.op->resultCount(); ++k)
    if (!isBatch(nest.results[k], nest.op->result(k)))
      return false;
  for (const std::vector<NestAxis> *list : {&nest.parallel, &nest.reduce})
    for (const NestAxis &each : *list)
      if (each.name == axis && each.extent != batch)
        return false;
  if (!nest.isContraction())
    return true;
  Nest turned = inLanes(nest, axis);
  return turned.isProductInLanes() || turned.isCorrelationInLanes();
}

/// Whether it reads what a member gives by another axis, too.
bool LaneRegion::readsOtherImages(Op *op) const {
  Nest nest(op);
  for (int64_t k = 0; k < nest.loadCount(); ++k) {
    Value *value = op->operand(k);
    if (isOfImages(nest.maps[k], axes.at(op)) || !contains(value->definingOp()))
      continue;
    Nest giving(value->definingOp());
    if (isOfImages(giving.results[value->index()], axes.at(giving.op)))
      return true;
  }
  return false;
}

/// Whether it may have the images that there are not among its terms.
bool LaneRegion::addsZeros(Op *op) const {
  Nest nest(op);
  return isWhole() || !nest.reduces(axes.at(op)) ||
         (nest.combine == "add" && givesZero(nest, axes.at(op), 0));
}

/// Whether the lanes of images that there are not hold zeros.
bool LaneRegion::isZeroBeyond(Value *value, int64_t depth) const {
  constexpr int64_t deepest = 16;
  Op *op = value->definingOp();
  if (!contains(op)) // What comes in is filled up with zeros.
    return true;
  return depth < deepest && givesZero(Nest(op), axes.at(op), depth + 1);
}

bool LaneRegion::givesZero(const Nest &nest, const std::string &axis,
                           int64_t depth) const {
  std::set<const Value *> zeros;
  for (int64_t k = 0; k < nest.loadCount(); ++k)
    if (isOfImages(nest.maps[k], axis) && nest.fill[k].value_or(0) == 0 &&
        isZeroBeyond(nest.op->operand(k), depth))
      zeros.insert(nest.body().argument(k));
  auto isZero = [&](const Value *value) { return zeros.contains(value); };
  for (const auto &op : nest.body().operations()) {
    bool areAll = std::ranges::all_of(op->operands(), isZero);
    if (op->is("yield"))
      return areAll;
    bool keepsZero = op->is("add") || op->is("sub") || op->is("max") ||
                     op->is("min") || op->is("neg");
    const double *number =
        op->is("constant") ? op->attr("value").getIf<double>() : nullptr;
    if ((number && *number == 0) || (keepsZero && areAll) ||
        (op->is("mul") && std::ranges::any_of(op->operands(), isZero)) ||
        (op->is("select") && isZero(op->operand(1)) && isZero(op->operand(2))))
      zeros.insert(op->result());
  }
  return false;
}

} // namespace nnc
