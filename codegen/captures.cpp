#include "codegen/captures.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <unordered_map>

namespace nnc {

namespace {

class Collector {
public:
  Captures result;

  void visit(const Op &op) {
    write(op.name());
    for (const Value *operand : op.operands()) {
      if (!values.contains(operand))
        result.values.push_back(operand);
      use(operand);
    }
    // An axis means the same until the end of the piece: names are not used
    // twice.
    const Attr *axis =
        op.is("for") || op.is("let") ? &op.attr("axis") : nullptr;
    for (const auto &[name, attr] : op.attrs) {
      write(name);
      if (&attr == axis)
        continue;
      if (op.is("random_bits") && name == "place")
        usePlace(attr.asInt());
      else
        use(attr);
    }
    if (axis)
      use(axis->asString(), /*isDefined=*/true);
    for (int64_t i = 0; i < op.resultCount(); ++i)
      use(op.result(i));
    for (int64_t i = 0; i < op.regionCount(); ++i) {
      result.form += '{';
      const Block &block = op.region(i);
      for (int64_t a = 0; a < block.argumentCount(); ++a)
        use(block.argument(a));
      for (const auto &inner : block.operations())
        visit(*inner);
      result.form += '}';
    }
  }

private:
  /// Each piece of the form says where it ends.
  void write(std::string_view text) {
    write(static_cast<int64_t>(text.size()));
    result.form += text;
  }
  void write(int64_t number) {
    char digits[24];
    char *end = std::to_chars(digits, std::end(digits), number).ptr;
    *end++ = ' ';
    result.form.append(digits, end);
  }

  void use(const Value *value) {
    auto [found, isNew] = values.try_emplace(value, values.size());
    result.form += '%';
    write(static_cast<int64_t>(found->second));
    if (isNew)
      use(value->type());
  }

  void usePlace(int64_t place) {
    std::vector<int64_t> &places = result.places;
    auto found = std::find(places.begin(), places.end(), place);
    write(found - places.begin());
    if (found == places.end())
      places.push_back(place);
  }

  void use(const std::string &symbol, bool isDefined = false) {
    auto [found, isNew] = symbols.try_emplace(symbol, symbols.size());
    // What is known of sizes is not known of axes.
    result.form += symbol[0] >= 'A' && symbol[0] <= 'Z' ? 'S' : 's';
    write(static_cast<int64_t>(found->second));
    if (isNew && !isDefined)
      result.symbols.push_back(symbol);
  }

  void use(const Type &type) {
    write(static_cast<int64_t>(type.kind()));
    write(static_cast<int64_t>(type.elem()));
    write(type.lanes());
    write(type.rank());
    for (const Dim &extent : type.shape())
      use(extent);
  }

  void use(const Dim &dim) {
    write(dim.constantPart());
    for (const Dim::Term &term : dim.termList()) {
      result.form += '+';
      write(term.coefficient);
      for (const Dim::AtomRef &atom : term.atoms)
        use(*atom);
    }
    result.form += ';';
  }

  void use(const Dim::Atom &atom) {
    if (atom.kind == Dim::Atom::Symbol)
      return use(atom.name);
    result.form += atom.kind == Dim::Atom::FloorDiv ? '/'
                   : atom.kind == Dim::Atom::Min    ? '<'
                                                    : '>';
    write(atom.divisor);
    use(atom.left);
    use(atom.right);
  }

  void use(const Attr &attr) {
    if (const Dim *dim = attr.getIf<Dim>()) {
      use(*dim);
    } else if (const Type *type = attr.getIf<Type>()) {
      use(*type);
    } else if (const AttrList *list = attr.getIf<AttrList>()) {
      write(static_cast<int64_t>(list->size()));
      for (const Attr &entry : *list)
        use(entry);
    } else if (const AttrDict *dict = attr.getIf<AttrDict>()) {
      write(static_cast<int64_t>(dict->size()));
      for (const auto &[name, entry] : *dict) {
        write(name);
        use(entry);
      }
    } else if (const double *number = attr.getIf<double>()) {
      // Not as text, which is not the same for each NaN.
      char bits[sizeof *number];
      std::memcpy(bits, number, sizeof bits);
      write({bits, sizeof bits});
    } else {
      write(attr.str());
    }
  }

  std::unordered_map<const Value *, size_t> values;
  std::unordered_map<std::string, size_t> symbols;
};

/// Looks at where values are defined, which is quicker than to number them.
class OutsideValues {
public:
  std::vector<const Value *> result;

  explicit OutsideValues(std::span<const Op *const> ops) : ops(ops) {
    for (const Op *op = ops[0]; op; op = op->parentOp())
      around.push_back(op->parentBlock());
    for (const Op *op : ops)
      visit(*op);
  }

private:
  static bool contains(const auto &list, const auto *item) {
    return std::find(list.begin(), list.end(), item) != list.end();
  }

  void visit(const Op &op) {
    for (const Value *operand : op.operands())
      if (contains(around, operand->parentBlock()) &&
          !contains(ops, operand->definingOp()) && !contains(result, operand))
        result.push_back(operand);
    for (int64_t i = 0; i < op.regionCount(); ++i)
      for (const auto &inner : op.region(i).operations())
        visit(*inner);
  }

  std::span<const Op *const> ops;
  std::vector<const Block *> around; ///< Blocks that the ops stand in.
};

} // namespace

std::vector<const Value *> capturedValues(std::span<const Op *const> ops) {
  return OutsideValues(ops).result;
}

Captures capturesOf(std::span<const Op *const> ops) {
  Collector collector;
  for (const Op *op : ops)
    collector.visit(*op);
  return std::move(collector.result);
}

} // namespace nnc
