#include "ir/kernels/kernel_packs.h"

namespace nnc {

/// It is computed by a nest of the same kernel.
static bool isInside(const Value *value) { return value->definingOp(); }

const Value *KernelPacks::operandB(const Nest &product) const {
  return product.op->operand(ContractionRoles(product).b);
}

/// Operand A may come from a nest before, which has not run yet; packing B does
/// without.
std::vector<TensorRef> KernelPacks::operandsOf(const Nest &product) const {
  std::vector<TensorRef> result;
  for (int64_t i = 0; i < 2; ++i) {
    const TensorRef *known = values.find(product.op->operand(i));
    result.push_back(known ? *known : TensorRef());
  }
  return result;
}

/// Of a tensor that is taken apart, each turn of the loop around has another
/// part.
bool KernelPacks::isPart(const TensorRef &ref) const {
  bool found = false;
  if (loops.turns)
    loops.turns->index.forEachSymbol([&](const std::string &symbol) {
      for (const Dim &entry : ref.index)
        found |= entry.uses(symbol);
    });
  return found;
}

bool KernelPacks::isHeld(const Nest &product) const {
  constexpr int64_t mostBytes = 4 << 20;
  const Value *b = operandB(product);
  if (!loops.turns || isInside(b) ||
      !loops.turns->fixed.contains(values.at(b).buffer) || isPart(values.at(b)))
    return false;
  Dim bytes = elementCount(b->type().shape()) * elemBytes(b->type().elem());
  return bytes.isConstant() && bytes.value() <= mostBytes;
}

bool KernelPacks::packsWhole(const Nest &product) const {
  return kernel.findAttr("pack") || isHeld(product);
}

size_t KernelPacks::levelOf(const Nest &product) const {
  ContractionRoles roles(product);
  size_t level = 0;
  for (size_t i = 0; i < tiles.size(); ++i)
    for (const Dim &entry : product.maps[roles.b])
      if (entry.uses(tiles[i].name) &&
          !(packsWhole(product) && tiles[i].name == roles.n))
        level = i + 1;
  return level;
}

void KernelPacks::begin() {
  for (const Nest &nest : nests)
    if (loops.kept && has(nest))
      packAhead(nest);
  packTogether();
}

/// Weights that stay from run to run are packed whole, in the first ones; of
/// layers that are alike, all parts.
void KernelPacks::packAhead(const Nest &product) {
  const Value *b = operandB(product);
  if (isInside(b) || !loops.kept->isOfWeights(values.at(b)))
    return;
  bool isOnePart = isPart(values.at(b)) && loops.turnDepth() == 1;
  if (!isOnePart && !values.at(b).isFixed())
    return;
  std::vector<AxisRange> whole;
  for (const NestAxis &axis : product.parallel)
    whole.push_back({axis.name, 0, axis.extent});
  ContractionLoops code(loops, product, operandsOf(product), whole);
  std::optional<PartOf> part;
  if (isOnePart)
    part = {loops.turns->place, loops.turns->length};
  if (std::optional<PackedAhead> packed = code.packAhead(part))
    ahead.emplace(product.op, *packed);
}

/// A B that each thread would take long to pack, and keep beyond its L2.
void KernelPacks::packTogether() {
  const Attr *pack = kernel.findAttr("pack");
  if (!pack || pack->asString() != "shared")
    return;
  for (const Nest &nest : nests)
    if (has(nest) && levelOf(nest) == 0 && !ahead.contains(nest.op) &&
        !isInside(operandB(nest)) && !isHeld(nest))
      make(nest).packTogether();
}

void KernelPacks::enter(size_t level) {
  for (const Nest &nest : nests)
    if (has(nest) && !made.contains(nest.op) && !isInside(operandB(nest)) &&
        levelOf(nest) == level)
      prepare(nest, level == 0);
  packRows(level);
}

/// Where the loop over rows has begun, and one over columns is further in: rows
/// that are copied are copied once for all columns.
void KernelPacks::packRows(size_t level) {
  for (const Nest &nest : nests) {
    auto prepared = made.find(nest.op);
    if (level == 0 || prepared == made.end() || level >= depths.at(nest.op))
      continue;
    ContractionRoles roles(nest);
    if (tiles[level - 1].name != roles.m || isInside(nest.op->operand(roles.a)))
      continue;
    at(nest).packAOnce();
  }
}

ContractionLoops &KernelPacks::make(const Nest &product) {
  std::vector<AxisRange> ranges = rangesOf(tiles, product.parallel);
  ContractionRoles roles(product);
  for (AxisRange &range : ranges)
    if (range.name == roles.n && packsWhole(product) &&
        !isInside(product.op->operand(roles.b)))
      range = {range.name, 0, product.findParallel(range.name)->extent};
  std::unique_ptr<ContractionLoops> &code = made[product.op];
  code = std::make_unique<ContractionLoops>(loops, product, operandsOf(product),
                                            ranges);
  return *code;
}

ContractionLoops &KernelPacks::prepare(const Nest &product, bool isFirst) {
  ContractionLoops &code = make(product);
  if (const Attr *parts = kernel.findAttr("parts"))
    code.sumInParts(parts->asDict());
  else if (auto packed = ahead.find(product.op); packed != ahead.end())
    code.usePacked(packed->second);
  else
    code.packB(isFirst && isHeld(product));
  return code;
}

ContractionLoops &KernelPacks::at(const Nest &product) {
  auto prepared = made.find(product.op);
  ContractionLoops &code =
      prepared == made.end() ? prepare(product, false) : *prepared->second;
  code.setTile(operandsOf(product), rangesOf(tiles, product.parallel));
  return code;
}

} // namespace nnc
