//===- ir/dim_symbols.cpp - The symbols of a Dim --------------------------===//
#include "ir/dim_terms.h"

#include <algorithm>

namespace nnc {

/// Whether one is a copy of the other, which is soon seen.
static bool isSame(const Dim &a, const Dim &b) {
  return a.constantPart() == b.constantPart() && &a.termList() == &b.termList();
}

/// Nothing if `lookup` knows no symbol in there.
static std::optional<Dim> replacement(const Dim::Atom &atom,
                                      const Dim::Lookup &lookup) {
  if (atom.kind == Dim::Atom::Symbol)
    return lookup(atom.name);
  Dim left = atom.left.substitute(lookup);
  Dim right = atom.right.substitute(lookup);
  if (isSame(left, atom.left) && isSame(right, atom.right))
    return std::nullopt;
  switch (atom.kind) {
  case Dim::Atom::Min:
    return Dim::min(left, right);
  case Dim::Atom::Max:
    return Dim::max(left, right);
  default:
    return left.floorDiv(atom.divisor);
  }
}

Dim Dim::substitute(const Lookup &lookup) const {
  Dim sum(constant);
  std::vector<Term> kept;
  for (const Term &term : termList()) {
    Dim product(term.coefficient);
    Term rest{1, {}};
    for (const AtomRef &atom : term.atoms)
      if (std::optional<Dim> known = replacement(*atom, lookup))
        product = product * *known;
      else
        rest.atoms.push_back(atom);
    if (rest.atoms.size() == term.atoms.size())
      kept.push_back(term);
    else if (rest.atoms.empty())
      sum = sum + product;
    else
      sum = sum + product * DimBuilder::normal(0, {rest});
  }
  if (kept.size() == termList().size())
    return *this;
  return sum + DimBuilder::normal(0, std::move(kept));
}

static std::optional<int64_t> valueOf(const Dim::Atom &atom,
                                      const Dim::Values &values) {
  if (atom.kind == Dim::Atom::Symbol)
    return values(atom.name);
  std::optional<int64_t> left = atom.left.evaluate(values);
  std::optional<int64_t> right = atom.right.evaluate(values);
  if (!left || !right)
    return std::nullopt;
  switch (atom.kind) {
  case Dim::Atom::Min:
    return std::min(*left, *right);
  case Dim::Atom::Max:
    return std::max(*left, *right);
  default:
    return floorDivide(*left, atom.divisor);
  }
}

std::optional<int64_t> Dim::evaluate(const Values &values) const {
  int64_t sum = constant;
  for (const Term &term : termList()) {
    int64_t product = term.coefficient;
    for (const AtomRef &atom : term.atoms) {
      std::optional<int64_t> value = valueOf(*atom, values);
      if (!value)
        return std::nullopt;
      product = saturatingMul(product, *value);
    }
    sum = saturatingAdd(sum, product);
  }
  return sum;
}

void Dim::forEachSymbol(
    const std::function<void(const std::string &)> &visit) const {
  for (const Term &term : termList())
    for (const AtomRef &atom : term.atoms) {
      if (atom->kind == Atom::Symbol) {
        visit(atom->name);
        continue;
      }
      atom->left.forEachSymbol(visit);
      atom->right.forEachSymbol(visit);
    }
}

bool Dim::uses(std::string_view symbol) const {
  bool found = false;
  forEachSymbol([&](const std::string &name) { found |= name == symbol; });
  return found;
}

std::optional<Dim> Dim::coefficientOf(std::string_view symbol) const {
  std::vector<Term> factor;
  for (const Term &term : termList()) {
    Term rest{term.coefficient, {}};
    int power = 0;
    for (const AtomRef &atom : term.atoms) {
      if (atom->kind == Atom::Symbol && atom->name == symbol) {
        ++power;
      } else {
        if (atom->kind != Atom::Symbol &&
            (atom->left.uses(symbol) || atom->right.uses(symbol)))
          return std::nullopt;
        rest.atoms.push_back(atom);
      }
    }
    if (power > 1)
      return std::nullopt;
    if (power == 1)
      factor.push_back(std::move(rest));
  }
  return DimBuilder::make(0, std::move(factor));
}

} // namespace nnc
