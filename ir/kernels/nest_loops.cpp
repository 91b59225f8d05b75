#include "ir/kernels/nest_loops.h"

#include "ir/check.h"
#include "ir/kernels/collapse.h"
#include "ir/kernels/nest_reduction.h"
#include "ir/kernels/transpose_loops.h"
#include "ir/kernels/vector_axis.h"

#include <algorithm>

namespace nnc {

namespace {

// Note [Rows that share what they read]
// A window of three rows reads each row of an image for three rows of the
// result, and loads take longer than sums: most of them lie across two cache
// lines. So some rows are summed together, and what several of them read is
// loaded once. They are few, as their sums take registers beside the window's
// numbers.
constexpr int64_t mostRows = 4, mostTerms = 50;

class NestLoops : NestReduction {
public:
  using NestReduction::NestReduction;

  void emit() {
    VectorAxis chosen = chooseVectorAxis(code);
    vectorAxis = chosen.name;
    places = chosen.places;
    reducesLanes = chosen.isReduced;
    if (vectorAxis.empty() && emitTransposition(loops, code))
      return;
    if (code.isStencil)
      held.resize(code.loads.size());
    overParallel(0);
  }

private:
  /// A stencil's sums, as they are stored.
  Values finished(const Values &sums) {
    if (!code.then)
      return sums;
    return ThenPoint(loops, *code.then)
        .of(sums, code.sums, at, vectorAxis, partial);
  }

  /// What a stencil loads does not change in the loops over `parallel[i]` and
  /// further in.
  bool stays(size_t load, size_t i) const {
    for (const Dim &entry : code.loads[load].map) {
      for (size_t inner = i; inner < code.parallel.size(); ++inner)
        if (entry.uses(code.parallel[inner].name))
          return false;
      if (entry.uses(vectorAxis))
        return false;
    }
    return true;
  }

  /// The window's numbers are loaded once for all its places.
  void holdWindow(size_t i) {
    width = vectorAxis.empty() ? 1 : lanes;
    for (size_t load = 0; load < code.loads.size(); ++load)
      if (held[load].empty() && stays(load, i))
        overTerms(0, {}, [&](const Values &) {
          held[load].push_back(this->load(load));
          return Values();
        });
  }

  /// Steps through the terms of a stencil, which stand one after the other.
  Values overTerms(size_t i, Values sums, const Step &step) {
    if (i == code.reduce.size())
      return step(sums);
    const AxisRange &axis = code.reduce[i];
    for (int64_t place = 0; place < axis.extent.value(); ++place) {
      at[axis.name] = axis.start + place;
      sums = overTerms(i + 1, sums, step);
    }
    return sums;
  }

  /// The values of the places in hand.
  Values results() {
    if (!code.isStencil)
      return reduceAxes();
    size_t term = 0;
    return overTerms(0, identities(), [&](const Values &sums) {
      Values factors;
      for (size_t i = 0; i < code.loads.size(); ++i)
        factors.push_back(held[i].empty() ? loadOnce(i) : held[i][term]);
      ++term;
      return Values{loops.builder.op("fma", {factors[0], factors[1], sums[0]})};
    });
  }

  void overParallel(size_t i) {
    if (code.isStencil)
      holdWindow(i);
    if (i == code.parallel.size())
      return storeResults();
    const AxisRange &axis = code.parallel[i];
    if (axis.name == vectorAxis)
      return overParallel(i + 1);
    if (int64_t rows = rowsTogether(i); rows > 1)
      return overRows(axis, rows);
    loops.loop(axis.name, {0, axis.extent}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      overParallel(i + 1);
    });
  }

  /// See Note [Rows that share what they read]. 1: axis `i` is not that of
  /// rows.
  int64_t rowsTogether(size_t i) const {
    const AxisRange &axis = code.parallel[i];
    bool isInnermost = i + 1 == code.parallel.size() ||
                       (i + 2 == code.parallel.size() &&
                        code.parallel[i + 1].name == vectorAxis);
    if (!code.isStencil || vectorAxis.empty() || !isInnermost ||
        !axis.extent.isConstant())
      return 1;
    int64_t terms = 1;
    bool slides = false;
    for (const AxisRange &reduced : code.reduce) {
      terms *= reduced.extent.value();
      for (const NestCode::Access &load : code.loads)
        for (const Dim &entry : load.map)
          slides |= entry.uses(axis.name) && entry.uses(reduced.name) &&
                    !reduced.extent.isConstant(1);
    }
    return slides ? std::min({mostRows, mostTerms / terms, axis.extent.value()})
                  : 1;
  }

  void overRows(const AxisRange &axis, int64_t rows) {
    int64_t extent = axis.extent.value(), rest = extent % rows;
    loops.loop(axis.name, {0, extent - rest, rows},
               [&](const Dim &index) { storeRows(axis, index, rows); });
    if (rest)
      storeRows(axis, extent - rest, rest);
  }

  void storeRows(const AxisRange &axis, const Dim &first, int64_t rows) {
    width = lanes;
    overVectors([&](const Dim *count) {
      partial = count;
      std::vector<Values> sums;
      for (int64_t row = 0; row < rows; ++row) {
        at[axis.name] = axis.start + first + row;
        sums.push_back(results());
      }
      for (int64_t row = 0; row < rows; ++row) {
        at[axis.name] = axis.start + first + row;
        store(finished(sums[row]), count);
      }
      partial = nullptr;
      loaded.clear();
    });
  }

  const AxisRange &rangeOf(const std::string &name) const {
    for (const std::vector<AxisRange> *list : {&code.parallel, &code.reduce})
      for (const AxisRange &axis : *list)
        if (axis.name == name)
          return axis;
    internalError("a nest has no axis " + name);
  }

  /// Runs `body` for whole vectors of the axis and once for what is left;
  /// `count` is null for a whole vector.
  void overVectors(const std::function<void(const Dim *count)> &body) {
    const AxisRange &axis = rangeOf(vectorAxis);
    if (places.period > lanes)
      return overPeriods(axis, body);
    Dim whole = axis.extent.floorDiv(lanes) * lanes;
    loops.loop(axis.name, {0, whole, lanes}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      body(nullptr);
    });
    loops.loop(axis.name, {whole, axis.extent, lanes}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      Dim count = axis.extent - whole;
      body(&count);
    });
  }

  /// The vectors of a period one by one, since their lanes differ.
  void overPeriods(const AxisRange &axis,
                   const std::function<void(const Dim *count)> &body) {
    int64_t extent = axis.extent.value();
    int64_t whole = extent / places.period * places.period;
    auto vectors = [&](const Dim &from, int64_t length) {
      for (places.first = 0; places.first < length; places.first += lanes) {
        at[axis.name] = axis.start + from + places.first;
        Dim count = length - places.first;
        body(count.value() < lanes ? &count : nullptr);
      }
    };
    loops.loop(axis.name, {0, whole, places.period},
               [&](const Dim &index) { vectors(index, places.period); });
    vectors(whole, extent - whole);
  }

  void storeResults() {
    if (code.accumulates)
      return accumulate();
    if (reducesLanes)
      return store(reduceLanes(), nullptr);
    if (vectorAxis.empty()) {
      width = 1;
      return store(finished(results()), nullptr);
    }
    width = lanes;
    overVectors([&](const Dim *count) {
      partial = count;
      store(finished(results()), count);
      partial = nullptr;
      loaded.clear();
    });
  }

  /// Combines point by point with what is in memory.
  void accumulate() {
    auto step = [&](const Dim *count) {
      partial = count;
      overReduced(0, {}, [&](const Values &) {
        Values values = point(), sums;
        for (size_t i = 0; i < values.size(); ++i) {
          AttrDict attrs{{"index", placeOf(code.stores[i], at)}};
          if (count)
            attrs.set("count", *count);
          Value *old = loops.builder.op("load", {code.stores[i].ref.buffer},
                                        attrs, {typeOf(storedElem(i))});
          sums.push_back(loops.builder.op(code.combine, {old, values[i]}));
        }
        store(sums, count);
        return Values();
      });
      partial = nullptr;
    };
    width = vectorAxis.empty() ? 1 : lanes;
    if (vectorAxis.empty())
      return step(nullptr);
    overVectors(step);
  }

  std::vector<Values> held; ///< Of a stencil: loads by term, if held.
};

} // namespace

void emitNest(LoopBuilder &loops, const NestCode &code) {
  NestCode flat = collapsed(loops, code);
  NestLoops(loops, flat).emit();
}

} // namespace nnc
