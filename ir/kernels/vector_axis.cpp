#include "ir/kernels/vector_axis.h"

#include <algorithm>
#include <functional>

namespace nnc {

namespace {

class VectorAxisChoice {
public:
  explicit VectorAxisChoice(const NestCode &code) : code(code) {}

  VectorAxis choose() const {
    for (size_t i = code.parallel.size(); i-- > 0;)
      if (std::optional<VectorAxis> axis = parallelAxis(code.parallel[i]))
        return *axis;
    return canReduceLanes() ? VectorAxis{code.reduce.back().name, {}, true}
                            : VectorAxis{};
  }

private:
  std::optional<VectorAxis> parallelAxis(const AxisRange &axis) const {
    bool isContiguous =
        std::ranges::all_of(code.stores, [&](const NestCode::Access &store) {
          return stepAlong(store, axis.name) == 1;
        });
    if (axis.extent.isConstant(1) || !isContiguous)
      return std::nullopt;
    if (loadsAllow(axis.name) && bodyAllows(axis.name))
      return VectorAxis{axis.name};
    if (std::optional<VectorPlaces> places = spreadsAllow(axis))
      return VectorAxis{axis.name, *places};
    return std::nullopt;
  }

  bool canReduceLanes() const {
    if (code.reduce.empty() || code.reduce.back().extent.isConstant(1) ||
        code.accumulates || code.isStencil)
      return false;
    const std::string &axis = code.reduce.back().name;
    return loadsAllow(axis) && bodyAllows(axis) &&
           std::ranges::any_of(code.loads, [&](const NestCode::Access &load) {
             return stepAlong(load, axis) == 1;
           });
  }

  /// Whether what is loaded is an index of other accesses.
  bool namesIndex(size_t load) const {
    return std::ranges::any_of(code.loaded, [&](const auto &index) {
      return index.second == static_cast<int64_t>(load);
    });
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
  std::optional<VectorPlaces> spreadsAllow(const AxisRange &axis) const {
    if (code.isStencil || !code.loaded.empty())
      return std::nullopt;
    for (int64_t period : {lanes, 3 * lanes}) {
      bool isAligned = axis.multiple % period == 0 ||
                       axis.start.floorDiv(period) * period == axis.start;
      if (!isAligned || (period > lanes && !axis.extent.isConstant()))
        continue;
      bool allow = true;
      for (int64_t first = 0; first < period; first += lanes)
        allow &= placesAllow({axis.name, period, first});
      if (allow)
        return VectorPlaces{axis.name, period, 0};
    }
    return std::nullopt;
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

  const NestCode &code;
};

} // namespace

VectorAxis chooseVectorAxis(const NestCode &code) {
  return VectorAxisChoice(code).choose();
}

} // namespace nnc
