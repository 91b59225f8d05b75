#include "frontend/writer/axis_labels.h"

namespace nnc {

void AxisLabels::prefer(const Dim &size, const std::string &name) {
  bool isUsed = taken.contains(name) || symbols.contains(name);
  if (size.isConstant() && !isUsed &&
      preferred.try_emplace(size.str(), name).second)
    taken.insert(name);
}

std::string AxisLabels::freshLabel() {
  static constexpr std::string_view letters = "IJKLMNOPQRUVWXYZACDEFGHS";
  for (;;) {
    auto round = nextLetter / static_cast<int64_t>(letters.size());
    std::string name(1, letters[nextLetter++ % letters.size()]);
    if (round)
      name += std::to_string(round);
    if (!symbols.contains(name) && taken.insert(name).second)
      return name;
  }
}

const std::string &AxisLabels::labelOf(const Dim &size, int64_t n) {
  auto [place, isNew] = labels.try_emplace({size.str(), n});
  std::string &label = place->second;
  if (!isNew)
    return label;
  std::optional<std::string> symbol = size.asSymbol();
  auto own = preferred.find(size.str());
  if (symbol && n == 0)
    return label = *symbol;
  if (n == 0 && own != preferred.end())
    return label = own->second;
  if (!symbol && own == preferred.end())
    return label = freshLabel();
  // A second axis of a size that has a name.
  std::string base = symbol ? *symbol : own->second;
  for (int64_t i = n + 1;; ++i) {
    label = base + std::to_string(i);
    if (!symbols.contains(label) && taken.insert(label).second)
      return label;
  }
}

bool AxisLabels::mayCall(const std::string &actual,
                         const std::string &label) const {
  if (actual == label || actual.empty())
    return true;
  auto renames = [&](const std::string &name, const std::string &base) {
    auto found = renamed.find(name);
    return found != renamed.end() && found->second == base;
  };
  if (renames(actual, label))
    return true;
  if (bound.contains(label))
    return false;
  return !renamed.contains(label) || renames(label, actual) ||
         renames(label, "");
}

bool AxisLabels::mayCall(const std::vector<std::string> &actual,
                         const std::string &label) const {
  AxisLabels then = *this;
  for (const std::string &each : actual) {
    if (!then.mayCall(each, label))
      return false;
    then.use(each, label);
  }
  return true;
}

void AxisLabels::use(const std::string &actual, const std::string &label) {
  if (actual != label && !bound.contains(label))
    renamed.try_emplace(label, actual);
}

} // namespace nnc
