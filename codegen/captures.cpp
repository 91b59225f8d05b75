#include "codegen/captures.h"

#include <algorithm>
#include <unordered_set>

namespace nnc {

namespace {

class Collector {
public:
  Captures result;

  void visit(const Op &op) {
    for (const Value *operand : op.operands()) {
      use(operand->type());
      if (!known.contains(operand) && known.insert(operand).second)
        result.values.push_back(operand);
    }
    for (const auto &[name, attr] : op.attrs)
      use(attr);
    if (op.is("random_bits"))
      usePlace(op.attr("place").asInt());
    for (int64_t i = 0; i < op.resultCount(); ++i)
      define(op.result(i));
    // An axis means the same until the end of the piece: names are not used
    // twice.
    if (op.is("for") || op.is("let"))
      bound.insert(op.attr("axis").asString());
    for (int64_t i = 0; i < op.regionCount(); ++i) {
      const Block &block = op.region(i);
      for (int64_t a = 0; a < block.argumentCount(); ++a)
        define(block.argument(a));
      for (const auto &inner : block.operations())
        visit(*inner);
    }
  }

private:
  void define(const Value *value) {
    known.insert(value);
    use(value->type());
  }

  void usePlace(int64_t place) {
    std::vector<int64_t> &places = result.places;
    if (std::find(places.begin(), places.end(), place) == places.end())
      places.push_back(place);
  }

  void use(const Type &type) {
    for (const Dim &extent : type.shape())
      use(extent);
  }

  void use(const Dim &dim) {
    dim.forEachSymbol([&](const std::string &symbol) {
      if (bound.insert(symbol).second)
        result.symbols.push_back(symbol);
    });
  }

  void use(const Attr &attr) {
    if (const Dim *dim = attr.getIf<Dim>())
      use(*dim);
    if (const Type *type = attr.getIf<Type>())
      use(*type);
    if (const AttrList *list = attr.getIf<AttrList>())
      for (const Attr &entry : *list)
        use(entry);
    if (const AttrDict *dict = attr.getIf<AttrDict>())
      for (const auto &[name, entry] : *dict)
        use(entry);
  }

  std::unordered_set<const Value *> known;
  std::unordered_set<std::string> bound;
};

} // namespace

Captures capturesOf(std::span<const Op *const> ops) {
  Collector collector;
  for (const Op *op : ops)
    collector.visit(*op);
  return std::move(collector.result);
}

} // namespace nnc
