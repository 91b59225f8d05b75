#include "ir/kernels/kernel_values.h"

#include <algorithm>

namespace nnc {

KernelValues::KernelValues(LoopBuilder &loops, const Op &kernel,
                           const std::vector<TensorRef> &operands,
                           const std::vector<std::vector<TensorRef>> &results,
                           const KernelTiles &tiles, const KernelDepths &depths)
    : loops(loops), tiles(tiles), depths(depths) {
  const Block &body = kernel.region();
  for (size_t i = 0; i < operands.size(); ++i)
    refs[body.argument(static_cast<int64_t>(i))] = operands[i];
  for (size_t i = 0; i < results.size(); ++i) {
    std::vector<TensorRef> &places =
        given[body.terminator()->operand(static_cast<int64_t>(i))];
    places.insert(places.end(), results[i].begin(), results[i].end());
  }
}

const TensorRef *KernelValues::find(const Value *value) const {
  auto found = refs.find(value);
  return found == refs.end() ? nullptr : &found->second;
}

const std::vector<TensorRef> &KernelValues::outside(const Value *value) const {
  static const std::vector<TensorRef> nowhere;
  auto found = given.find(value);
  return found == given.end() ? nowhere : found->second;
}

const TensorRef &KernelValues::place(const Nest &nest, int64_t i) {
  const Value *value = nest.op->result(i);
  if (isGiven(value))
    set(value, outside(value)[0]);
  else if (const Value *operand = operandTakenOver(nest))
    set(value, at(operand));
  else
    set(value, scratchFor(nest, i));
  return at(value);
}

/// An operand which nobody reads any more, if each element hangs on the one in
/// its place: rows of 512 scores, their exponentials and these divided by their
/// sum stay in L1 so.
const Value *KernelValues::operandTakenOver(const Nest &nest) const {
  if (nest.isReduction() || nest.into || !nest.loaded.empty() ||
      nest.op->resultCount() != 1)
    return nullptr;
  for (int64_t k = 0; k < nest.loadCount(); ++k)
    if (const Value *value = nest.op->operand(k);
        value->definingOp() && find(value) && !nest.fill[k] &&
        value->type() == nest.op->result()->type() &&
        nest.maps[k] == nest.results[0] && isReadLast(*value, nest))
      return value;
  return nullptr;
}

/// Whether nobody but the nest, once in a turn, has still to read a value.
bool KernelValues::isReadLast(const Value &value, const Nest &nest) const {
  auto isIts = [&](const Value::Use &use) { return use.op == nest.op; };
  return !isGiven(&value) &&
         depths.at(value.definingOp()) == depths.at(nest.op) &&
         std::ranges::count_if(value.uses(), isIts) == 1 &&
         std::ranges::all_of(value.uses(), [&](const Value::Use &use) {
           return isIts(use) || finished.contains(use.op);
         });
}

/// For a tile of a value that stays inside the kernel.
TensorRef KernelValues::scratchFor(const Nest &nest, int64_t i) {
  const Type &type = nest.op->result(i)->type();
  Shape shape;
  TensorRef ref;
  for (int64_t d = 0; d < type.rank(); ++d) {
    std::optional<std::string> axis = nest.results[i][d].asSymbol();
    const TileAxis *tiled = axis ? findTile(tiles, *axis) : nullptr;
    shape.push_back(tiled ? Dim::min(tiled->tile, type.dim(d)) : type.dim(d));
    ref.index.push_back(TensorRef::at(d) - (tiled ? tiled->start : Dim(0)));
  }
  ref.buffer = loops.scratch(type.elem(), shape);
  return ref;
}

} // namespace nnc
