#include "ir/kernels/transform_loops.h"

#include "ir/check.h"

#include <algorithm>

namespace nnc {

namespace {

class TransformLoops {
public:
  TransformLoops(LoopBuilder &loops, const NestCode &code, int64_t matrix,
                 const std::vector<double> &elements)
      : loops(loops), code(code), matrix(code.loads[matrix]),
        data(code.loads[1 - matrix]), store(code.stores[0]), elements(elements),
        type(Type::vector(store.ref.buffer->type().elem(), lanes)) {}

  /// False if no axis is fit for vectors, or the tile has a part of the sums.
  bool emit() {
    for (const AxisRange &axis : code.parallel)
      (uses(matrix.map, axis.name) ? sums : around).push_back(axis);
    for (const AxisRange &axis : sums)
      if (!axis.start.isConstant() || !axis.extent.isConstant())
        return false;
    terms = pointsOf(code.reduce);
    for (size_t i = around.size(); i-- > 0 && vectorAxis.name.empty();)
      if (isFit(around[i].name)) {
        vectorAxis = around[i];
        around.erase(around.begin() + static_cast<std::ptrdiff_t>(i));
      }
    if (vectorAxis.name.empty())
      return false;
    overParallel(0);
    return true;
  }

private:
  static bool uses(const Shape &map, const std::string &axis) {
    return std::any_of(map.begin(), map.end(),
                       [&](const Dim &entry) { return entry.uses(axis); });
  }

  /// Each point of some axes of known extent, the last one fastest.
  static std::vector<AxisValues> pointsOf(const std::vector<AxisRange> &axes) {
    std::vector<AxisValues> points{{}};
    for (const AxisRange &axis : axes) {
      std::vector<AxisValues> next;
      for (const AxisValues &point : points)
        for (int64_t i = 0; i < axis.extent.value(); ++i) {
          next.push_back(point);
          next.back()[axis.name] = axis.start + i;
        }
      points = std::move(next);
    }
    return points;
  }

  /// Vectors may go along an axis if they are stored without gaps, at least
  /// together with neighbouring sums.
  bool isFit(const std::string &axis) {
    std::optional<int64_t> from = stepAlong(data, axis),
                           to = stepAlong(store, axis);
    if (!from || *from == 0 || !to || *to == 0)
      return false;
    together = *to;
    if (together == 1)
      return true;
    const std::string side = sums.back().name;
    return sums.back().extent.isConstant(together) &&
           sums.back().start.isConstant(0) && stepAlong(store, side) == 1 &&
           (together == 2 || together == 4);
  }

  void overParallel(size_t i) {
    if (i == around.size())
      return overVectors();
    const AxisRange &axis = around[i];
    loops.loop(axis.name, {0, axis.extent}, [&](const Dim &index) {
      at[axis.name] = axis.start + index;
      overParallel(i + 1);
    });
  }

  void overVectors() {
    const Dim &extent = vectorAxis.extent;
    Dim whole = extent.floorDiv(lanes) * lanes;
    loops.loop(vectorAxis.name, {0, whole, lanes}, [&](const Dim &index) {
      at[vectorAxis.name] = vectorAxis.start + index;
      vectors(std::nullopt);
    });
    loops.loop(vectorAxis.name, {whole, extent, lanes}, [&](const Dim &index) {
      at[vectorAxis.name] = vectorAxis.start + index;
      vectors(extent - whole);
    });
  }

  /// All sums, for 16 places or `count`.
  void vectors(const std::optional<Dim> &count) {
    std::vector<Value *> loaded = loadTerms(count), results;
    std::vector<AxisValues> points = pointsOf(sums);
    for (const AxisValues &point : points)
      results.push_back(sum(point, loaded));
    for (size_t i = 0; i < results.size(); i += together)
      storeTogether(points[i], std::span(results).subspan(i, together), count);
  }

  AxisValues with(const AxisValues &point) const {
    AxisValues all = at;
    all.insert(point.begin(), point.end());
    return all;
  }

  /// What the terms of all sums read. Neighbouring terms of vectors with gaps
  /// are in the same memory: it is loaded without gaps, and taken apart.
  std::vector<Value *> loadTerms(const std::optional<Dim> &count) {
    const int64_t step = *stepAlong(data, vectorAxis.name);
    std::vector<Value *> loaded;
    if (step == 1 || !areNeighbours(step)) {
      for (const AxisValues &term : terms)
        loaded.push_back(load(placeOf(data, with(term)), count, step));
      return loaded;
    }
    const int64_t all = static_cast<int64_t>(terms.size());
    for (int64_t first = 0; first < all; first += step) {
      Shape place = placeOf(data, with(terms[first]));
      Dim length = (count ? *count : Dim(lanes)) * step -
                   std::max<int64_t>(0, first + step - all);
      std::vector<Value *> parts;
      for (int64_t part = 0; part < step; ++part) {
        Dim left = Dim::max(0, length - part * lanes);
        parts.push_back(load(place, Dim::min(lanes, left), 1));
        place.back() = place.back() + lanes;
      }
      Op *apart = loops.builder.create("vdeinterleave", parts);
      for (int64_t i = 0; i < std::min(step, all - first); ++i)
        loaded.push_back(apart->result(i));
    }
    return loaded;
  }

  bool areNeighbours(int64_t step) const {
    return (step == 2 || step == 4) && code.reduce.size() == 1 &&
           stepAlong(data, code.reduce[0].name) == 1;
  }

  Value *load(const Shape &place, const std::optional<Dim> &count,
              int64_t step) {
    if (count && count->isConstant(0))
      return loops.builder.constant(0, type);
    AttrDict attrs{{"index", place}};
    if (data.fill)
      attrs.set("fill", *data.fill);
    if (count && !count->isConstant(lanes))
      attrs.set("count", *count);
    if (step > 1)
      attrs.set("step", step);
    return loops.builder.op("load", {data.ref.buffer}, attrs, {type});
  }

  Value *sum(const AxisValues &point, const std::vector<Value *> &loaded) {
    Builder &b = loops.builder;
    Value *result = nullptr;
    for (size_t i = 0; i < terms.size(); ++i) {
      AxisValues place = point;
      place.insert(terms[i].begin(), terms[i].end());
      double factor = elements[offsetOf(place)];
      Value *term = loaded[i];
      if (factor == 0)
        continue;
      if (!result)
        result = factor == 1    ? term
                 : factor == -1 ? b.op("neg", {term})
                                : b.op("mul", {term, b.constant(factor, type)});
      else
        result = factor == 1 ? b.op("add", {result, term})
                 : factor == -1
                     ? b.op("sub", {result, term})
                     : b.op("fma", {term, b.constant(factor, type), result});
    }
    return result ? result : b.constant(0, type);
  }

  size_t offsetOf(const AxisValues &point) const {
    Dim offset = 0;
    for (size_t axis = 0; axis < matrix.map.size(); ++axis)
      offset = offset * shapeOfMatrix()[axis] +
               matrix.map[axis].substitute(lookupIn(point));
    return static_cast<size_t>(offset.value());
  }

  const Shape &shapeOfMatrix() const {
    return matrix.ref.buffer->type().shape();
  }

  void storeTogether(const AxisValues &point, std::span<Value *> values,
                     const std::optional<Dim> &count) {
    std::vector<Value *> vectors(values.begin(), values.end());
    if (together > 1) {
      Op *op = loops.builder.create("vinterleave", values);
      for (int64_t i = 0; i < together; ++i)
        vectors[i] = op->result(i);
    }
    Shape place = placeOf(store, with(point));
    for (int64_t i = 0; i < together; ++i) {
      AttrDict attrs{{"index", place}};
      if (count) {
        Dim left = Dim::max(0, *count * together - i * lanes);
        attrs.set("count", Dim::min(lanes, left));
        if (left.isConstant(0))
          break;
      }
      loops.builder.create("store", {vectors[i], store.ref.buffer}, attrs);
      place.back() = place.back() + lanes;
    }
  }

  LoopBuilder &loops;
  const NestCode &code;
  const NestCode::Access &matrix, &data, &store;
  const std::vector<double> &elements;
  Type type;
  AxisValues at;
  std::vector<AxisRange> sums, around;
  AxisRange vectorAxis;
  std::vector<AxisValues> terms;
  int64_t together = 1; ///< Sums that are stored interleaved.
};

} // namespace

void emitTransform(LoopBuilder &loops, const NestCode &code, int64_t matrix,
                   const std::vector<double> &elements) {
  if (!TransformLoops(loops, code, matrix, elements).emit())
    emitNest(loops, code);
}

} // namespace nnc
