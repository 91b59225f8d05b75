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

Sizes withDefaults(Sizes sizes, const Function &function) {
  const Attr *defaults = function.attrs.find("defaults");
  for (const std::string &name : function.dimSymbols())
    if (const Attr *size = defaults ? defaults->asDict().find(name) : nullptr)
      sizes.try_emplace(name, size->asInt());
  return sizes;
}

std::string sizesText(const Function &function, const Sizes &sizes) {
  std::string text;
  for (const std::string &name : function.dimSymbols())
    text += (text.empty() ? "" : ", ") + name + " = " +
            at(Dim::symbol(name), sizes).str();
  return text;
}

} // namespace nnc
