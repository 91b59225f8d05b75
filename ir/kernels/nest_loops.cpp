#include "ir/kernels/nest_loops.h"

#include "ir/check.h"
#include "ir/kernels/collapse.h"
#include "ir/kernels/nest_point.h"
#include "ir/kernels/transpose_loops.h"

#include <limits>

namespace nnc {

namespace {

// Note [Chains of a reduction]
// A sum waits for the one before it, longer than loading the next elements
// takes. So four vectors in a row go to accumulators of their own, which are
// combined last; what is left after the last four goes to the first of them.
constexpr int64_t chains = 4;

// Note [Rows that share what they read]
// A window of three rows reads each row of an image for three rows of the
// result, and loads take longer than sums: most of them lie across two cache
// lines. So some rows are summed together, and what several of them read is
// loaded once. They are few, as their sums take registers beside the window's
// numbers.
constexpr int64_t mostRows = 4, mostTerms = 50;

class NestLoops : NestPoint {
public:
  using NestPoint::NestPoint;

  void emit() {
    chooseVectorAxis();
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

  bool loadsAllow(const std::string &axis) const {
    for (size_t i = 0; i < code.loads.size(); ++i) {
      std::optional<int64_t> step = stepAlong(code.loads[i], axis);
      if (!step || (*step && namesIndex(i)))
        return false;
    }
    return true;
  }

  /// Whether lanes have a step by every index that the body computes with.
  bool bodyAllows(const std::string &axis) const {
    return indicesAllow([&](const Dim &index) {
      return index.coefficientOf(axis).has_value();
    });
  }

  bool indicesAllow(const std::function<bool(const Dim &)> &allows) const {
    if (code.body)
      for (const auto &op : code.body->operations())
        if (op->is("axis") && !allows(op->attr("value").asDim()))
          return false;
    return true;
  }

  /// Whether the lanes' places follow from the lane in every vector of the
  /// axis, or, of a row whose length is known, in every third.
  bool spreadsAllow(const AxisRange &axis) {
    if (code.isStencil || !code.loaded.empty())
      return false;
    for (int64_t period : {lanes, 3 * lanes}) {
      bool isAligned = axis.multiple % period == 0 ||
                       axis.start.floorDiv(period) * period == axis.start;
      if (!isAligned || (period > lanes && !axis.extent.isConstant()))
        continue;
      bool allow = true;
      for (int64_t first = 0; first < period; first += lanes)
        allow &= placesAllow({axis.name, period, first});
      if (!allow)
        continue;
      places = {axis.name, period, 0};
      return true;
    }
    return false;
  }

  bool placesAllow(const VectorPlaces &vectors) const {
    for (const NestCode::Access &load : code.loads) {
      std::optional<Dim> index = lastAlong(load, vectors.axis);
      if (!stepAlong(load, vectors.axis) &&
          !(index && vectors.areSpread(*index)))
        return false;
    }
    return indicesAllow([&](const Dim &index) {
      return index.coefficientOf(vectors.axis) || vectors.offsets(index);
    });
  }

  void chooseVectorAxis() {
    for (size_t i = code.parallel.size(); i-- > 0;) {
      const AxisRange &axis = code.parallel[i];
      bool fits = !axis.extent.isConstant(1) &&
                  ((loadsAllow(axis.name) && bodyAllows(axis.name)) ||
                   spreadsAllow(axis));
      for (const NestCode::Access &store : code.stores)
        fits &= stepAlong(store, axis.name) == 1;
      if (fits) {
        vectorAxis = axis.name;
        return;
      }
    }
    if (code.reduce.empty() || code.reduce.back().extent.isConstant(1) ||
        code.accumulates || code.isStencil)
      return;
    const AxisRange &axis = code.reduce.back();
    if (!loadsAllow(axis.name) || !bodyAllows(axis.name))
      return;
    for (const NestCode::Access &load : code.loads)
      if (stepAlong(load, axis.name) == 1) {
        vectorAxis = axis.name;
        reducesLanes = true;
        return;
      }
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
        sums.push_back(reduceAxes());
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
      return store(finished(reduceAxes()), nullptr);
    }
    width = lanes;
    overVectors([&](const Dim *count) {
      partial = count;
      store(finished(reduceAxes()), count);
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

  double identity() const {
    double infinity = std::numeric_limits<double>::infinity();
    if (code.combine == "max")
      return -infinity;
    if (code.combine == "min")
      return infinity;
    return code.combine == "mul" ? 1 : 0;
  }

  Values identities() {
    Values values;
    for (size_t i = 0; i < code.stores.size(); ++i) {
      double value = identity();
      if (isInteger(storedElem(i)) && value < 0)
        value = storedElem(i) == Elem::I32
                    ? static_cast<double>(std::numeric_limits<int32_t>::min())
                    : -9007199254740992.0;
      if (isInteger(storedElem(i)) && value > 1)
        value = storedElem(i) == Elem::I32
                    ? static_cast<double>(std::numeric_limits<int32_t>::max())
                    : 9007199254740992.0;
      values.push_back(loops.builder.constant(value, typeOf(storedElem(i))));
    }
    return values;
  }

  Values combined(const Values &a, const Values &b) {
    Values result;
    for (size_t i = 0; i < a.size(); ++i)
      result.push_back(loops.builder.op(code.combine, {a[i], b[i]}));
    return result;
  }

  /// Values for the point, reduced over all reduced axes.
  Values reduceAxes() {
    if (code.reduce.empty())
      return point();
    if (code.isStencil) {
      size_t term = 0;
      return overTerms(0, identities(), [&](const Values &sums) {
        Values factors;
        for (size_t i = 0; i < code.loads.size(); ++i)
          factors.push_back(held[i].empty() ? loadOnce(i) : held[i][term]);
        ++term;
        return Values{
            loops.builder.op("fma", {factors[0], factors[1], sums[0]})};
      });
    }
    return overReduced(0, identities(), [&](const Values &accumulators) {
      return combined(accumulators, point());
    });
  }

  using Step = std::function<Values(const Values &)>;

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

  Values overReduced(size_t i, Values accumulators, const Step &step) {
    size_t end = code.reduce.size() - (reducesLanes ? 1 : 0);
    if (i == end)
      return step(accumulators);
    const AxisRange &axis = code.reduce[i];
    if (axis.extent.isConstant(1)) {
      at[axis.name] = axis.start;
      return overReduced(i + 1, accumulators, step);
    }
    return loops.carry(axis.name, {0, axis.extent}, accumulators,
                       [&](const Dim &index, Values carried) {
                         at[axis.name] = axis.start + index;
                         return overReduced(i + 1, carried, step);
                       });
  }

  /// See Note [Chains of a reduction].
  Values reduceLanes() {
    width = lanes;
    const AxisRange &axis = code.reduce.back();
    Dim whole = axis.extent.floorDiv(lanes) * lanes;
    Dim together = axis.extent.floorDiv(chains * lanes) * (chains * lanes);
    bool isShort = together.isConstant(0);
    Values first;
    for (int64_t chain = 0; chain < (isShort ? 1 : chains); ++chain)
      for (Value *value : identities())
        first.push_back(value);
    Values vectors = overReduced(0, first, [&](const Values &accumulators) {
      Values sums = accumulators;
      if (!isShort)
        sums = overRange(axis, 0, together, chains, sums);
      sums = overRange(axis, together, whole, 1, sums);
      if (axis.extent == whole)
        return sums;
      return loops.carry(axis.name, {whole, axis.extent, lanes}, sums,
                         [&](const Dim &index, Values carried) {
                           at[axis.name] = axis.start + index;
                           Values next =
                               lastLanes(chainOf(carried, 0), axis, index);
                           std::copy(next.begin(), next.end(), carried.begin());
                           return carried;
                         });
    });
    Values sum = joined(vectors);
    Values results;
    for (Value *vector : sum)
      results.push_back(
          loops.builder.op("vreduce", {vector}, {{"combine", code.combine}}));
    width = 1;
    return results;
  }

  /// Adds the places from `from` to `to`, `count` vectors in a turn, to as many
  /// chains of `sums`.
  Values overRange(const AxisRange &axis, const Dim &from, const Dim &to,
                   int64_t count, const Values &sums) {
    if (from == to)
      return sums;
    return loops.carry(axis.name, {from, to, count * lanes}, sums,
                       [&](const Dim &index, Values carried) {
                         for (int64_t chain = 0; chain < count; ++chain) {
                           at[axis.name] = axis.start + index + chain * lanes;
                           Values next =
                               combined(chainOf(carried, chain), point());
                           std::copy(next.begin(), next.end(),
                                     carried.begin() + chain * next.size());
                         }
                         return carried;
                       });
  }

  Values chainOf(const Values &values, int64_t chain) const {
    auto first = values.begin() + chain * code.stores.size();
    return Values(first, first + code.stores.size());
  }

  /// Neighbouring chains first.
  Values joined(Values values) {
    while (values.size() > code.stores.size()) {
      Values next;
      for (size_t i = 0; i < values.size() / code.stores.size(); i += 2)
        for (Value *value :
             combined(chainOf(values, i), chainOf(values, i + 1)))
          next.push_back(value);
      values = std::move(next);
    }
    return values;
  }

  /// One more turn, for lanes that are left; the others keep their value.
  Values lastLanes(const Values &carried, const AxisRange &axis,
                   const Dim &index) {
    Dim count = axis.extent - index;
    partial = &count;
    Values next = combined(carried, point());
    partial = nullptr;
    Builder &b = loops.builder;
    Type integers = Type::vector(Elem::I32, lanes);
    Value *lane = b.op("axis", {}, {{"value", index}, {"step", 1}}, {integers});
    Value *end = b.op(
        "splat",
        {b.op("axis", {}, {{"value", axis.extent}}, {Type::scalar(Elem::I32)})},
        {}, {integers});
    Value *inside = b.op("compare", {lane, end}, {{"predicate", "lt"}});
    for (size_t i = 0; i < next.size(); ++i)
      next[i] = b.op("select", {inside, next[i], carried[i]});
    return next;
  }

  std::vector<Values> held; ///< Of a stencil: loads by term, if held.
  bool reducesLanes = false;
};

} // namespace

void emitNest(LoopBuilder &loops, const NestCode &code) {
  NestCode flat = collapsed(loops, code);
  NestLoops(loops, flat).emit();
}

} // namespace nnc
