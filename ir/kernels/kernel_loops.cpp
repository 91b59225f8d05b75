#include "ir/kernels/kernel_loops.h"

#include "ir/kernels/correlation_loops.h"
#include "ir/kernels/kernel_turns.h"
#include "ir/kernels/nest_loops.h"
#include "ir/kernels/read_beside.h"
#include "ir/kernels/small_product_loops.h"
#include "ir/kernels/sums_reader.h"
#include "ir/kernels/transform_loops.h"
#include "ir/kernels/window_copy.h"

#include <algorithm>

namespace nnc {

namespace {

class KernelLoops {
public:
  KernelLoops(LoopBuilder &loops, const Op &kernel,
              const std::vector<TensorRef> &operands,
              const std::vector<std::vector<TensorRef>> &results)
      : loops(loops), kernel(kernel), axes(tilesOfKernel(kernel)),
        nests(nestsOf(kernel)), depths(depthsOf(axes, nests)),
        values(loops, kernel, operands, results, axes, depths),
        packs(loops, kernel, axes, nests, depths, values) {}

  void emit() {
    packs.begin();
    enter(0);
    KernelTurns turns = turnsOf(axes, nests, depths, values, packs);
    if (axes.empty()) // A kernel without axes is one turn.
      loops.loop("once", {0, 1, 1, true}, [&](const Dim &) { enter(1); });
    else if (turns.tiles)
      sharedLoop(turns.axis, *turns.tiles);
    else
      level(0, turns.axis);
    loops.endKernel();
  }

private:
  static std::vector<Nest> nestsOf(const Op &kernel) {
    std::vector<Nest> nests;
    for (const auto &op : kernel.region().operations())
      if (op->is("nest"))
        nests.emplace_back(op.get());
    return nests;
  }

  /// The loop over tiles of axis `i` and all that is inside it. One of them is
  /// shared among the threads, each of which packs what comes before it.
  void level(size_t i, std::optional<size_t> shared = std::nullopt) {
    if (i == axes.size())
      return;
    TileAxis &axis = axes[i];
    loops.loop(axis.name,
               {.from = 0,
                .to = axis.extent,
                .step = axis.tile,
                .parallel = i == shared,
                .alternate = alternateOf(axis)},
               [&](const Dim &index) {
                 begin(i, index);
                 level(i + 1, shared);
               });
  }

  /// In the place of the loops over the first axis and axis `last`, with those
  /// between them: for each tile of the first there are turns of `tiles` tiles
  /// of the last.
  void sharedLoop(size_t last, int64_t tiles) {
    const TileAxis &outer = axes[0], &inner = axes[last];
    int64_t rows = inner.extent.value(), each = tiles * inner.tile;
    int64_t count = (rows + each - 1) / each;
    Dim total = outer.extent.ceilDiv(outer.tile) * count;
    loops.loop(outer.name, {0, total, 1, true}, [&](const Dim &turn) {
      Dim tile = turn.floorDiv(count), from = (turn - tile * count) * each;
      begin(0, tile * outer.tile);
      for (size_t i = 1; i < last; ++i)
        begin(i, 0);
      auto row = [&](const Dim &index) {
        begin(last, index);
        level(last + 1);
      };
      if (tiles == 1)
        row(from);
      else
        loops.loop(inner.name, {from, Dim::min(rows, from + each), inner.tile},
                   row);
    });
  }

  /// A turn of the loop over tiles of axis `i`.
  void begin(size_t i, const Dim &index) {
    axes[i].begin(index);
    enter(i + 1);
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

  /// What is done once `level` loops have begun.
  void enter(size_t level) {
    packs.enter(level);
    for (const Nest &nest : nests) {
      if (depths.at(nest.op) != level || thenOf(nest))
        continue;
      else if (packs.has(nest))
        product(nest);
      else
        plain(nest);
      values.finish(nest);
    }
  }

  void product(const Nest &nest) {
    ContractionLoops &code = packs.at(nest);
    const Value *value = nest.op->result();
    const std::vector<TensorRef> &outside = values.outside(value);
    if (outside.size() == 1 && value->uses().size() == 1 &&
        code.writeTo(outside[0]))
      return code.multiply();
    code.allocate();
    for (const ReadBeside &read : readBeside(nest))
      code.bring(values.at(read.value), read.map);
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
    values.set(value, {code.tile().buffer, code.tile().resolve(element)});
    for (const TensorRef &to : outside)
      copy(nest, {code.tile(), from}, {to, nest.results[0]});
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
    bool fits = then && !values.isGiven(nest.op->result()) &&
                depths.at(then->op) == depths.at(nest.op) &&
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
      if (const TensorRef *ref = values.find(nest.op->operand(i)))
        code.loads.push_back({*ref, nest.maps[i], nest.fill[i]});
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
    for (int64_t i = 0; i < nest.op->resultCount(); ++i)
      code.stores.push_back({values.place(nest, i), first.results[i]});
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
    const std::vector<TensorRef> &to = values.outside(nest.op->result(i));
    for (size_t other = 1; other < to.size(); ++other)
      copy(nest, {to[0], nest.results[i]}, {to[other], nest.results[i]});
  }

  /// At the tile in hand of a nest's axes.
  void copy(const Nest &nest, NestCode::Access from, NestCode::Access to) {
    NestCode code;
    code.parallel = rangesOf(axes, nest.parallel);
    code.loads.push_back(std::move(from));
    code.stores.push_back(std::move(to));
    emitNest(loops, code);
  }

  LoopBuilder &loops;
  const Op &kernel;
  KernelTiles axes;
  const std::vector<Nest> nests;
  const KernelDepths depths;
  KernelValues values;
  KernelPacks packs;
};

} // namespace

void emitKernel(LoopBuilder &loops, const Op &kernel,
                const std::vector<TensorRef> &operands,
                const std::vector<std::vector<TensorRef>> &results) {
  KernelLoops(loops, kernel, operands, results).emit();
}

} // namespace nnc
