#include "ir/kernels/nest_code.h"

namespace nnc {

Shape placeOf(const NestCode::Access &access, const AxisValues &at) {
  Shape index;
  for (const Dim &entry : access.ref.resolve(access.map))
    index.push_back(entry.substitute(lookupIn(at)));
  return index;
}

std::optional<int64_t> stepAlong(const NestCode::Access &access,
                                 const std::string &axis) {
  // As many vectors are loaded.
  constexpr int64_t longestStep = 4;
  Shape index = access.ref.resolve(access.map);
  int64_t result = 0;
  for (size_t i = 0; i < index.size(); ++i) {
    if (!index[i].uses(axis))
      continue;
    std::optional<Dim> step = index[i].coefficientOf(axis);
    if (i + 1 != index.size() || !step || !step->isConstant() ||
        step->value() < 1 || step->value() > longestStep)
      return std::nullopt;
    result = step->value();
  }
  return result;
}

std::optional<Dim> lastAlong(const NestCode::Access &access,
                             const std::string &axis) {
  Shape index = access.ref.resolve(access.map);
  for (size_t i = 0; i + 1 < index.size(); ++i)
    if (index[i].uses(axis))
      return std::nullopt;
  return index.empty() ? std::nullopt : std::optional<Dim>(index.back());
}

} // namespace nnc
