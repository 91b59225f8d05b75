#include "ir/kernels/kernel_loops.h"

#include "ir/check.h"
#include "ir/kernels/correlation_loops.h"
#include "ir/kernels/kernel_packs.h"
#include "ir/kernels/nest_loops.h"
#include "ir/kernels/read_beside.h"
#include "ir/kernels/small_product_loops.h"
#include "ir/kernels/sums_reader.h"
#include "ir/kernels/transform_loops.h"
#include "ir/kernels/window_copy.h"

#include <algorithm>
#include <set>

namespace nnc {

namespace {

class KernelLoops {
public:
  KernelLoops(LoopBuilder &loops, const Op &kernel)
      : loops(loops), kernel(kernel), axes(tilesOfKernel(kernel)),
        packs(loops, kernel, axes, nests, refs) {}

  void emit(const std::vector<TensorRef> &operands,
            const std::vector<std::vector<TensorRef>> &results) {
    const Block &body = kernel.region();
    for (size_t i = 0; i < operands.size(); ++i)
      refs[body.argument(static_cast<int64_t>(i))] = operands[i];
    for (size_t i = 0; i < results.size(); ++i)
      for (const TensorRef &place : results[i])
        outside[body.terminator()->operand(static_cast<int64_t>(i))].push_back(
            place);
    for (const auto &op : body.operations())
      if (op->is("nest"))
        nests.emplace_back(op.get());
    packs.begin();
    for (const Nest &nest : nests)
      depths[nest.op] = depthOf(nest);
    enter(0);
    level(0);
    loops.endKernel();
  }

private:
  /// The loop over tiles of axis `i` and all that is inside it. The outermost
  /// one of more than one place is shared among the threads, each of which
  /// packs what comes before it; a kernel without axes is one turn of it.
  void level(size_t i) {
    if (axes.empty() && i == 0)
      return loops.loop("once", {0, 1, 1, true},
                        [&](const Dim &) { enter(1); });
    if (i == axes.size())
      return;
    if (i == 0 && sharesTwoAxes())
      return twoLevels();
    if (i == 0)
      if (std::optional<Shares> shares = sharesOfRows())
        return sharedRows(*shares);
    TileAxis &axis = axes[i];
    loops.loop(axis.name,
               {.from = 0,
                .to = axis.extent,
                .step = axis.tile,
                .parallel = i == sharedAxis(),
                .alternate = alternateOf(axis)},
               [&](const Dim &index) {
                 axis.begin(index);
                 enter(i + 1);
                 level(i + 1);
               });
  }

  /// A recurrence's weights may be larger than the cache: each turn begins with
  /// those that the last one ended with, which are still there.
  Dim alternateOf(const TileAxis &axis) const {
    bool readsWeights = std::ranges::any_of(nests, [&](const Nest &nest) {
      return packs.has(nest) && packs.isHeld(nest) &&
             ContractionRoles(nest).n == axis.name;
    });
    return readsWeights ? loops.turns->index : Dim(0);
  }

  /// The first axis of more than one place; but what stands before the loop
  /// that is shared would be stored by all threads.
  size_t sharedAxis() const {
    for (size_t i = 0; i < axes.size(); ++i)
      if (!axes[i].extent.isConstant(1) || storesAt(i + 1))
        return i;
    return 0;
  }

  /// Whether a nest that runs where so many loops have begun gives a result of
  /// the kernel.
  bool storesAt(size_t depth) const {
    return std::ranges::any_of(nests, [&](const Nest &nest) {
      return depths.at(nest.op) == depth &&
             std::ranges::any_of(outside, [&](const auto &each) {
               return each.first->definingOp() == nest.op &&
                      !each.second.empty();
             });
    });
  }

  /// A batch may be of one image: then its rows are shared among the threads
  /// too, if nothing is packed for all rows of an image.
  bool sharesTwoAxes() const {
    constexpr int64_t enoughTurns = 16, manyPoints = 1 << 16;
    if (axes.size() < 2 || axes[0].tile != 1 || !axes[1].extent.isConstant() ||
        axes[1].extent.value() <= axes[1].tile)
      return false;
    if (axes[0].extent.isConstant() && axes[0].extent.value() >= enoughTurns)
      return false;
    if (storesAt(1))
      return false;
    int64_t points = 1;
    for (size_t i = 1; i < axes.size(); ++i)
      points *= axes[i].extent.isConstant() ? axes[i].extent.value() : 1;
    bool hasWork = points >= manyPoints;
    for (const Nest &nest : nests) {
      hasWork |= nest.isContraction();
      if (packs.has(nest) && packs.levelOf(nest) == 1)
        return false;
    }
    return hasWork;
  }

  void twoLevels() {
    TileAxis &outer = axes[0], &inner = axes[1];
    int64_t turns = inner.extent.ceilDiv(inner.tile).value();
    loops.loop(outer.name, {0, outer.extent * turns, 1, true},
               [&](const Dim &turn) {
                 Dim index = turn.floorDiv(turns);
                 outer.begin(index);
                 enter(1);
                 inner.begin((turn - index * turns) * inner.tile);
                 enter(2);
                 level(2);
               });
  }

  /// A batch may be of one, and B be packed for all rows of the first axis that
  /// is longer: then each of some shares of these packs it anew.
  struct Shares {
    size_t axis;
    int64_t turns; ///< Of each share.
  };

  std::optional<Shares> sharesOfRows() const {
    constexpr int64_t fewestRows = 128, manyRows = 1024;
    if (axes.size() < 2 || axes[0].extent.isConstant() || nests.empty() ||
        !packs.has(nests[0]))
      return std::nullopt;
    size_t i = 1;
    while (i + 1 < axes.size() && axes[i].extent.isConstant() &&
           axes[i].extent.value() <= axes[i].tile)
      ++i;
    const TileAxis &axis = axes[i];
    if (!axis.extent.isConstant() || axis.extent.value() < fewestRows ||
        ContractionRoles(nests[0]).m != axis.name)
      return std::nullopt;
    for (const Nest &nest : nests)
      if (packs.has(nest) && packs.levelOf(nest) > i)
        return std::nullopt;
    for (size_t depth = 1; depth <= i; ++depth)
      if (storesAt(depth))
        return std::nullopt;
    int64_t shares = axis.extent.value() < manyRows ? 2 : 4;
    int64_t turns = (axis.extent.value() + axis.tile - 1) / axis.tile;
    return Shares{i, (turns + shares - 1) / shares};
  }

  void sharedRows(const Shares &shares) {
    TileAxis &outer = axes[0], &inner = axes[shares.axis];
    int64_t rows = inner.extent.value(), share = shares.turns * inner.tile;
    int64_t count = (rows + share - 1) / share;
    Dim outerTurns = outer.extent.ceilDiv(outer.tile);
    loops.loop(outer.name, {0, outerTurns * count, 1, true},
               [&](const Dim &turn) {
                 Dim index = turn.floorDiv(count);
                 Dim from = (turn - index * count) * share;
                 outer.begin(index * outer.tile);
                 enter(1);
                 for (size_t i = 1; i < shares.axis; ++i) {
                   axes[i].begin(0);
                   enter(i + 1);
                 }
                 loops.loop(inner.name,
                            {from, Dim::min(rows, from + share), inner.tile},
                            [&](const Dim &row) {
                              inner.begin(row);
                              enter(shares.axis + 1);
                              level(shares.axis + 1);
                            });
               });
  }

  /// How many loops must have begun for a nest to run: those over its axes,
  /// and those of what it reads. What a product reads of a nest before it is
  /// not computed again for each tile of the product's columns.
  size_t depthOf(const Nest &nest) const {
    size_t depth = 1;
    for (size_t i = 0; i < axes.size(); ++i)
      if (nest.findParallel(axes[i].name))
        depth = i + 1;
    for (const Value *operand : nest.op->operands())
      if (operand->definingOp())
        depth = std::max(depth, depths.at(operand->definingOp()));
    return depth;
  }

  /// What is done once `level` loops have begun.
  void enter(size_t level) {
    packs.enter(level, depths);
    for (const Nest &nest : nests) {
      if (depths.at(nest.op) != level || thenOf(nest))
        continue;
      else if (packs.has(nest))
        product(nest);
      else
        plain(nest);
      emitted.insert(nest.op);
    }
  }

  void product(const Nest &nest) {
    ContractionLoops &code = packs.at(nest);
    const Value *value = nest.op->result();
    if (outside[value].size() == 1 && value->uses().size() == 1 &&
        code.writeTo(outside[value][0]))
      return code.multiply();
    code.allocate();
    for (const ReadBeside &read : readBeside(nest))
      code.bring(refs.at(read.value), read.map);
    code.multiply();
    // The tile has an axis for each that the result's map uses. To its readers
    // it is addressed as the tensor, which may have axes of one element
    // besides; where the map is not plain, nobody inside reads it.
    Shape from, element;
    for (size_t d = 0; d < nest.results[0].size(); ++d)
      for (const NestAxis &axis : nest.parallel)
        if (nest.results[0][d].uses(axis.name)) {
          from.push_back(Dim::symbol(axis.name));
          element.push_back(TensorRef::at(static_cast<int64_t>(d)));
        }
    refs[value] = {code.tile().buffer, code.tile().resolve(element)};
    for (const TensorRef &to : outside[value]) {
      NestCode copy;
      copy.parallel = rangesOf(axes, nest.parallel);
      copy.loads.push_back({code.tile(), from});
      copy.stores.push_back({to, nest.results[0]});
      emitNest(loops, copy);
    }
  }

  /// The place of a result depends on what is reduced (scatter-add).
  static bool writesWhereDataSays(const Nest &nest) {
    for (const Shape &map : nest.results)
      for (const Dim &entry : map) {
        for (const NestAxis &axis : nest.reduce)
          if (entry.uses(axis.name))
            return true;
        for (const auto &[symbol, operand] : nest.loaded)
          if (entry.uses(symbol))
            return nest.isReduction();
      }
    return false;
  }

  /// What takes the sums of `nest` from registers, if these are nobody else's.
  /// The two are emitted together, where it stands: what comes between may read
  /// what it writes over.
  const Nest *thenOf(const Nest &nest) const {
    if (packs.has(nest))
      return nullptr;
    const Nest *then = sumsReader(nest, nests);
    auto given = outside.find(nest.op->result());
    bool isGiven = given != outside.end() && !given->second.empty();
    bool fits = then && !isGiven && depths.at(then->op) == depths.at(nest.op) &&
                loadsVectors(codeOf(*then), then->results[0]);
    return fits ? then : nullptr;
  }

  /// Whether each load is of a vector along the result's last axis, or the same
  /// there: of a sequence that a loop takes apart, it may not be.
  static bool loadsVectors(const NestCode &code, const Shape &result) {
    std::optional<std::string> last = result.back().asSymbol();
    return !last || std::ranges::all_of(code.loads, [&](const auto &load) {
      return !load.ref.buffer || stepAlong(load, *last);
    });
  }

  /// The stencil that is emitted with `nest`.
  const Nest *sumsOf(const Nest &nest) const {
    auto found = std::ranges::find_if(
        nests, [&](const Nest &other) { return thenOf(other) == &nest; });
    return found == nests.end() ? nullptr : &*found;
  }

  /// Without its stores.
  NestCode codeOf(const Nest &nest) const {
    NestCode code;
    code.parallel = rangesOf(axes, nest.parallel);
    code.reduce = rangesOf(axes, nest.reduce);
    code.combine = nest.combine;
    code.loaded = nest.loaded;
    code.limits = nest.limits;
    code.accumulates = writesWhereDataSays(nest);
    code.body = &nest.body();
    for (int64_t i = 0; i < nest.loadCount(); ++i)
      if (auto ref = refs.find(nest.op->operand(i)); ref != refs.end())
        code.loads.push_back({ref->second, nest.maps[i], nest.fill[i]});
      else // The sums, which are in registers.
        code.loads.push_back({});
    return code;
  }

  void plain(const Nest &nest) {
    // An index that is out of range is said to be where it is looked up.
    Location outer = loops.builder.location;
    if (!nest.loaded.empty())
      loops.builder.location = nest.op->location;
    const Nest *sums = sumsOf(nest);
    const Nest &first = sums ? *sums : nest;
    NestCode code = codeOf(first);
    const std::optional<int64_t> matrix = first.transformMatrix();
    code.isStencil = first.isStencil() && !matrix;
    if (code.isStencil || matrix)
      for (NestCode::Access &load : code.loads)
        if (load.fill)
          pad(load, code);
    if (sums) {
      code.sums = sums->op->result()->uses()[0].operand;
      code.then = std::make_shared<const NestCode>(codeOf(nest));
    }
    for (int64_t i = 0; i < nest.op->resultCount(); ++i) {
      const Value *value = nest.op->result(i);
      const std::vector<TensorRef> &to = outside[value];
      refs[value] = to.empty() ? placeInside(nest, i) : to[0];
      code.stores.push_back({refs[value], first.results[i]});
    }
    if (matrix)
      emitTransform(loops, code, *matrix,
                    *elementsOf(first.op->operand(*matrix)));
    else if (first.isCorrelation())
      emitCorrelation(loops, code);
    else if (first.isProduct())
      emitSmallProduct(loops, first, code, kernel.attr("rows").asInt());
    else
      emitNest(loops, code);
    for (int64_t i = 0; i < nest.op->resultCount(); ++i)
      copyToOthers(nest, i);
    loops.builder.location = outer;
  }

  /// Each term of a stencil or a transform reads what this tile reads without
  /// asking where an edge is.
  void pad(NestCode::Access &load, const NestCode &code) {
    std::vector<AxisRange> axes = code.parallel;
    axes.insert(axes.end(), code.reduce.begin(), code.reduce.end());
    std::optional<Window> window = windowOf(load, axes);
    if (!window)
      return;
    Shape shape = window->most;
    // A row begins at a vector.
    shape.back() = shape.back().roundUp(lanes);
    load = copyWindow(loops, load, *window, shape);
  }

  /// A value that is handed out more than once.
  void copyToOthers(const Nest &nest, int64_t i) {
    const std::vector<TensorRef> &to = outside[nest.op->result(i)];
    for (size_t other = 1; other < to.size(); ++other) {
      NestCode copy;
      copy.parallel = rangesOf(axes, nest.parallel);
      copy.loads.push_back({to[0], nest.results[i]});
      copy.stores.push_back({to[other], nest.results[i]});
      emitNest(loops, copy);
    }
  }

  /// That of an operand which nobody reads any more, if each element hangs on
  /// the one in its place: rows of 512 scores, their exponentials and these
  /// divided by their sum stay in L1 so.
  TensorRef placeInside(const Nest &nest, int64_t i) {
    bool isPlain = !nest.isReduction() && !nest.into && nest.loaded.empty() &&
                   nest.op->resultCount() == 1;
    for (int64_t k = 0; isPlain && k < nest.loadCount(); ++k)
      if (const Value *value = nest.op->operand(k);
          value->definingOp() && refs.contains(value) && !nest.fill[k] &&
          value->type() == nest.op->result()->type() &&
          nest.maps[k] == nest.results[0] && isReadLast(*value, nest))
        return refs.at(value);
    return scratchFor(nest, i);
  }

  /// Whether nobody but the nest, once in a turn, has still to read a value.
  bool isReadLast(const Value &value, const Nest &nest) const {
    auto given = outside.find(&value);
    bool isGiven = given != outside.end() && !given->second.empty();
    auto isIts = [&](const Value::Use &use) { return use.op == nest.op; };
    return !isGiven && depths.at(value.definingOp()) == depths.at(nest.op) &&
           std::ranges::count_if(value.uses(), isIts) == 1 &&
           std::ranges::all_of(value.uses(), [&](const Value::Use &use) {
             return isIts(use) || emitted.contains(use.op);
           });
  }

  /// Memory for a tile of a value that stays inside the kernel.
  TensorRef scratchFor(const Nest &nest, int64_t i) {
    const Type &type = nest.op->result(i)->type();
    Shape shape;
    TensorRef ref;
    for (int64_t d = 0; d < type.rank(); ++d) {
      std::optional<std::string> axis = nest.results[i][d].asSymbol();
      const TileAxis *tiled = axis ? findTile(axes, *axis) : nullptr;
      shape.push_back(tiled ? Dim::min(tiled->tile, type.dim(d)) : type.dim(d));
      ref.index.push_back(TensorRef::at(d) - (tiled ? tiled->start : Dim(0)));
    }
    ref.buffer = loops.scratch(type.elem(), shape);
    return ref;
  }

  LoopBuilder &loops;
  const Op &kernel;
  KernelTiles axes;
  std::vector<Nest> nests;
  std::map<const Op *, size_t> depths;
  std::set<const Op *> emitted;
  std::map<const Value *, TensorRef> refs;
  std::map<const Value *, std::vector<TensorRef>> outside;
  KernelPacks packs;
};

} // namespace

void emitKernel(LoopBuilder &loops, const Op &kernel,
                const std::vector<TensorRef> &operands,
                const std::vector<std::vector<TensorRef>> &results) {
  KernelLoops(loops, kernel).emit(operands, results);
}

} // namespace nnc
