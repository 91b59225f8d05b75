#include "tools/at_sizes.h"

namespace nnc {

Dim at(const Dim &dim, const Sizes &sizes) {
  return dim.substitute([&](std::string_view name) -> std::optional<Dim> {
    auto found = sizes.find(std::string(name));
    return Dim(found == sizes.end() ? 1 : found->second);
  });
}

Type at(const Type &type, const Sizes &sizes) {
  Shape shape;
  for (const Dim &extent : type.shape())
    shape.push_back(at(extent, sizes));
  return type.withShape(shape);
}

std::string sizesText(const Function &function, const Sizes &sizes) {
  std::string text;
  for (const std::string &name : function.dimSymbols())
    text += (text.empty() ? "" : ", ") + name + " = " +
            at(Dim::symbol(name), sizes).str();
  return text;
}

} // namespace nnc
