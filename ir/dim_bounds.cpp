//===- ir/dim_bounds.cpp - Lower bounds of Dims, and extrema -----------------===//
#include "ir/dim_terms.h"

#include <algorithm>
#include <cctype>

namespace nnc {

/// Sizes are at least 1 and axes at least 0.
static std::optional<int64_t> lowerBoundOf(const Dim::Atom &atom) {
  if (atom.kind == Dim::Atom::Symbol)
    return std::isupper(static_cast<unsigned char>(atom.name[0])) ? 1 : 0;
  std::optional<int64_t> left = atom.left.lowerBound();
  if (atom.kind == Dim::Atom::FloorDiv)
    return left ? std::optional(floorDivide(*left, atom.divisor))
                : std::nullopt;
  std::optional<int64_t> right = atom.right.lowerBound();
  if (atom.kind == Dim::Atom::Max && (left || right))
    return std::max(left.value_or(INT64_MIN), right.value_or(INT64_MIN));
  if (!left || !right)
    return std::nullopt;
  return std::min(*left, *right);
}

/// A term with a negative coefficient has no lower bound, unless its atoms
/// cancel in normal form.
std::optional<int64_t> Dim::lowerBound() const {
  int64_t bound = constant;
  for (const Term &term : termList()) {
    if (term.coefficient < 0)
      return std::nullopt;
    int64_t product = term.coefficient;
    for (const AtomRef &atom : term.atoms) {
      std::optional<int64_t> low = lowerBoundOf(*atom);
      if (!low || (*low < 0 && term.atoms.size() > 1))
        return std::nullopt;
      product = saturatingMul(product, *low);
    }
    bound = saturatingAdd(bound, product);
  }
  return bound;
}

/// Besides the plain lower bound, knows that x - min(x, y), max(x, y) - x and
/// m*x - k*floor(x/c) with k = m*c (or k <= m*c, if x is not negative) are not
/// negative. Gives up after `budget` tries.
static bool knownNonNegative(const Dim &dim, int &budget) {
  if (std::optional<int64_t> low = dim.lowerBound(); low && *low >= 0)
    return true;
  for (const Dim::Term &term : dim.termList()) {
    if (--budget < 0)
      return false;
    if (term.atoms.size() != 1)
      continue;
    const Dim::Atom &atom = *term.atoms[0];
    Dim rest = dim - DimBuilder::make(0, {term});
    int64_t times = saturatingMul(term.coefficient, -1);
    auto holds = [&](const Dim &other) {
      return knownNonNegative(other, budget);
    };
    bool isBelowBoth = (times > 0 && atom.kind == Dim::Atom::Min) ||
                       (times < 0 && atom.kind == Dim::Atom::Max);
    if (isBelowBoth &&
        (holds(rest - atom.left * times) || holds(rest - atom.right * times)))
      return true;
    if (times > 0 && atom.kind == Dim::Atom::FloorDiv &&
        (times % atom.divisor == 0 || holds(atom.left)) &&
        holds(rest - atom.left * Dim(times).ceilDiv(atom.divisor)))
      return true;
    // floor(x/c) <= x/c, whatever the sign of x.
    if (times > 0 && atom.kind == Dim::Atom::FloorDiv &&
        holds(rest * atom.divisor - atom.left * times))
      return true;
  }
  return false;
}

bool Dim::isKnownNonNegative() const {
  int budget = 64;
  return knownNonNegative(*this, budget);
}

/// What two Dims have in common: equal terms, and the smaller constant.
static Dim commonPart(const Dim &a, const Dim &b) {
  std::vector<Dim::Term> common;
  for (const Dim::Term &term : a.termList())
    for (const Dim::Term &other : b.termList())
      if (term.coefficient == other.coefficient && term.sameAtoms(other))
        common.push_back(term);
  return DimBuilder::make(std::min(a.constantPart(), b.constantPart()),
                          std::move(common));
}

/// min and max of two Dims that differ by a known sign are one of them. In
/// normal form the two have no part in common, except a constant if one of
/// them is nothing else: min(a + c, b + c) = min(a, b) + c.
static Dim extremum(Dim::Atom::Kind kind, const Dim &a, const Dim &b) {
  if ((b - a).isKnownNonNegative())
    return kind == Dim::Atom::Min ? a : b;
  if ((a - b).isKnownNonNegative())
    return kind == Dim::Atom::Min ? b : a;
  Dim common = commonPart(a, b);
  if (a.isConstant() || b.isConstant())
    common = a.isConstant() ? b.constantPart() : a.constantPart();
  Dim left = a - common, right = b - common;
  if (right.str() < left.str())
    std::swap(left, right);
  std::string name = kind == Dim::Atom::Min ? "min(" : "max(";
  return common +
         DimBuilder::atom({kind, "", left, right, 1,
                           name + left.str() + ", " + right.str() + ")"});
}

Dim Dim::min(const Dim &a, const Dim &b) { return extremum(Atom::Min, a, b); }
Dim Dim::max(const Dim &a, const Dim &b) { return extremum(Atom::Max, a, b); }

} // namespace nnc
