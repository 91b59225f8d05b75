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
      : NestReduction(loops, code), mostRows(rows) {
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
    sums = overReduced(0, sums, [&](Values next) {
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

  Values thenOf(const Values &sums) {
    return ThenPoint(loops, *code.then)
        .of(sums, code.sums, at, vectorAxis, partial);
  }

  int64_t mostRows;
  AxisRange columns, rows{"", 0, 1};
  std::vector<AxisRange> around;
};

} // namespace

void emitSmallProduct(LoopBuilder &loops, const Nest &nest,
                      const NestCode &code, int64_t rows) {
  SmallProductLoops(loops, nest, code, rows).emit();
}

} // namespace nnc
