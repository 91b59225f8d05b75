#include "ir/kernels/vector_places.h"

#include <algorithm>

namespace nnc {

static constexpr const char *vectorName = "@vector";

/// The index in lane `lane` of some vector.
Dim VectorPlaces::inLane(const Dim &index, const Dim &lane) const {
  return index.substitute([&](std::string_view name) -> std::optional<Dim> {
    if (name == axis)
      return Dim::symbol(vectorName) * period + first + lane;
    return std::nullopt;
  });
}

std::optional<std::vector<int64_t>>
VectorPlaces::offsets(const Dim &index) const {
  std::vector<int64_t> result;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Dim offset = inLane(index, lane) - inLane(index, 0);
    if (!offset.isConstant())
      return std::nullopt;
    result.push_back(offset.value());
  }
  return result;
}

std::optional<Dim> VectorPlaces::common(const Dim &index) const {
  Dim value = inLane(index, 0);
  return value.uses(vectorName) ? std::nullopt : std::optional<Dim>(value);
}

bool VectorPlaces::areSpread(const Dim &index) const {
  std::optional<std::vector<int64_t>> places = offsets(index);
  return places && std::is_sorted(places->begin(), places->end()) &&
         places->back() < lanes;
}

Dim VectorPlaces::reach(const Dim &index, const Dim &count) const {
  return inLane(index, count - 1) - inLane(index, 0) + 1;
}

} // namespace nnc
