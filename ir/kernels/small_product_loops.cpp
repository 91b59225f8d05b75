#include "ir/kernels/small_product_loops.h"

#include "ir/kernels/contraction.h"
#include "ir/kernels/nest_reduction.h"

#include <algorithm>

namespace nnc {

namespace {

class SmallProductLoops : NestReduction {
public:
  SmallProductLoops(LoopBuilder &loops, const Nest &nest, const NestCode &code,
                    int64_t rows)
      : NestReduction(loops, code), nest(nest), mostRows(rows) {
    ContractionRoles roles(nest);
    vectorAxis = roles.n;
    width = lanes;
    for (const AxisRange &axis : code.parallel)
      (axis.name == roles.n   ? columns
       : axis.name == roles.m ? this->rows
                              : around.emplace_back()) = axis;
  }

  void emit() { overAround(0); }

private:
  void overAround(size_t i) {
    if (i == around.size())
      return overRows();
    const AxisRange &axis = around[i];
    loops.loop(axis.name, {0, axis.extent}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      overAround(i + 1);
    });
  }

  /// Of rows whose number is not known, the last ones are few blocks too.
  void overRows() {
    constexpr int64_t few = 4;
    Dim done = overBlocks(0, mostRows);
    Dim rest = rows.extent - done;
    if (rest.isConstant())
      return rest.isConstant(0) ? void() : block(done, rest.value());
    if (mostRows > few)
      done = overBlocks(done, few);
    overBlocks(done, 1);
  }

  /// As many whole blocks of rows as there are; returns where they end.
  Dim overBlocks(const Dim &first, int64_t count) {
    Dim end = first + (rows.extent - first).floorDiv(count) * count;
    loops.loop(rows.name, {first, end, count},
               [&](const Dim &index) { block(index, count); });
    return end;
  }

  void block(const Dim &first, int64_t count) {
    Type type = typeOf(storedElem(0));
    Values sums;
    auto overPoints = [&](const std::function<void(size_t point)> &body) {
      size_t point = 0;
      for (int64_t row = 0; row < count; ++row)
        for (int64_t column = 0; column < columns.extent.value();
             column += lanes) {
          at[rows.name] = rows.start + first + row;
          at[columns.name] = columns.start + column;
          Dim left = columns.extent - column;
          partial = left.value() < lanes ? &left : nullptr;
          body(point++);
        }
      partial = nullptr;
    };
    overPoints(
        [&](size_t) { sums.push_back(loops.builder.constant(0, type)); });
    sums = overInside(0, sums, [&](Values next) {
      overPoints([&](size_t point) {
        next[point] =
            loops.builder.op("fma", {loadOnce(0), loadOnce(1), next[point]});
      });
      loaded.clear();
      return next;
    });
    overPoints([&](size_t point) {
      store(code.then ? thenOf({sums[point]}) : Values{sums[point]}, partial);
    });
  }

  /// Runs `step` at each place of the summed axes from the i-th on, as far as
  /// it lies inside: see Note [What lies around an image].
  Values overInside(size_t i, Values sums, const Step &step) {
    if (i == code.reduce.size())
      return step(sums);
    const AxisRange &axis = code.reduce[i];
    auto [from, to] = inside(axis);
    if (from.isConstant(0) && to.isConstant(1)) {
      at[axis.name] = axis.start;
      return overInside(i + 1, sums, step);
    }
    return loops.carry(axis.name, {from, to}, sums,
                       [&](const Dim &index, Values carried) {
                         at[axis.name] = axis.start + index;
                         return overInside(i + 1, carried, step);
                       });
  }

  /// From where to where a summed axis goes at the place in hand.
  std::pair<Dim, Dim> inside(const AxisRange &axis) const {
    Dim from = 0, to = axis.extent;
    for (int64_t load = 0; load < nest.loadCount(); ++load)
      for (size_t i = 0; nest.fill[load] && i < nest.maps[load].size(); ++i) {
        const Dim &entry = nest.maps[load][i];
        if (!entry.uses(axis.name))
          continue;
        int64_t step = entry.coefficientOf(axis.name)->value();
        Dim first =
            (entry - step * Dim::symbol(axis.name)).substitute(lookupIn(at));
        auto [least, end] = placesInside(
            step, first, first,
            nest.op->operand(load)->type().dim(static_cast<int64_t>(i)));
        from = Dim::max(from, least);
        to = Dim::min(to, end);
      }
    return {from, to};
  }

  Values thenOf(const Values &sums) {
    return ThenPoint(loops, *code.then)
        .of(sums, code.sums, at, vectorAxis, partial);
  }

  const Nest &nest;
  int64_t mostRows;
  AxisRange columns, rows{"", 0, 1};
  std::vector<AxisRange> around;
};

} // namespace

void emitSmallProduct(LoopBuilder &loops, const Nest &nest,
                      const NestCode &code, int64_t rows) {
  NestCode within = code;
  for (NestCode::Access &load : within.loads)
    load.fill = std::nullopt;
  SmallProductLoops(loops, nest, within, rows).emit();
}

} // namespace nnc
