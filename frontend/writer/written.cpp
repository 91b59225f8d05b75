#include "frontend/writer/written.h"

#include "ir/attribute.h"

#include <charconv>
#include <cmath>

namespace nnc {

Shape withOnes(const Shape &shape, int64_t rank,
               const std::vector<int64_t> &axes) {
  Shape wide(rank, Dim(1));
  for (size_t i = 0; i < axes.size(); ++i)
    wide[axes[i]] = shape[i];
  return wide;
}

/// Shorter than as a double, if it is a float.
static std::string digits(double value, Elem elem) {
  char buffer[40];
  std::to_chars_result end =
      elem == Elem::F32 ? std::to_chars(buffer, buffer + sizeof buffer,
                                        static_cast<float>(value))
                        : std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

Written numberText(double value, Elem elem) {
  Written made;
  made.isNumber = true;
  if (elem == Elem::Bool) {
    made.text = value != 0 ? "true" : "false";
  } else if (std::isnan(value)) {
    made = {"0 / 0", Binding::Product, {}, {}, true};
  } else if (std::isinf(value)) {
    made = {value > 0 ? "1 / 0" : "-1 / 0", Binding::Product, {}, {}, true};
  } else if (isInteger(elem)) {
    made.text = std::to_string(static_cast<int64_t>(value));
  } else if (value == 0 && std::signbit(value)) {
    made.text = "-0.0";
  } else {
    made.text = digits(value, elem);
  }
  if (made.text[0] == '-' && made.binding == Binding::Primary)
    made.binding = Binding::Minus;
  return made;
}

static std::string atomText(const Dim::Atom &atom) {
  switch (atom.kind) {
  case Dim::Atom::Symbol:
    return atom.name;
  case Dim::Atom::FloorDiv:
    return "div(" + dimText(atom.left).text + ", " +
           std::to_string(atom.divisor) + ")";
  case Dim::Atom::Min:
  case Dim::Atom::Max:
    return std::string(atom.kind == Dim::Atom::Min ? "min(" : "max(") +
           dimText(atom.left).text + ", " + dimText(atom.right).text + ")";
  }
  return "";
}

Written dimText(const Dim &dim) {
  if (dim.isConstant())
    return numberText(static_cast<double>(dim.value()), Elem::I64);
  std::string text;
  Binding binding = Binding::Primary;
  for (const Dim::Term &term : dim.termList()) {
    bool isNegative = term.coefficient < 0;
    int64_t factor = std::abs(term.coefficient);
    std::string product = factor == 1 ? "" : std::to_string(factor);
    for (const Dim::AtomRef &atom : term.atoms)
      product += (product.empty() ? "" : "*") + atomText(*atom);
    bool isProduct = factor != 1 || term.atoms.size() > 1;
    if (text.empty()) {
      text = (isNegative ? "-" : "") + product;
      binding = isNegative  ? Binding::Sum
                : isProduct ? Binding::Product
                            : Binding::Primary;
    } else {
      text += (isNegative ? " - " : " + ") + product;
      binding = Binding::Sum;
    }
  }
  if (int64_t constant = dim.constantPart()) {
    text += (constant < 0 ? " - " : " + ") + std::to_string(std::abs(constant));
    binding = Binding::Sum;
  }
  return {text, binding, {}, {}, true, true};
}

std::string sizesText(const Shape &shape) {
  std::string text = "[";
  for (const Dim &size : shape)
    text += (text.size() == 1 ? "" : ", ") + dimText(size).text;
  return text + "]";
}

std::string nameOfSize(const Dim &size) { return size.asSymbol().value_or(""); }

std::vector<std::string> namesOfSizes(const Shape &shape) {
  std::vector<std::string> names;
  for (const Dim &size : shape)
    names.push_back(nameOfSize(size));
  return names;
}

} // namespace nnc
