//===- ir/dim_division.cpp - Dims divided ---------------------------------===//
#include "ir/dim_terms.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace nnc {

using Term = Dim::Term;

/// Nothing if there is a remainder.
static std::optional<Term> divideTerm(const Term &a, const Term &b) {
  // INT64_MIN / -1 overflows.
  Term quotient{saturatingMul(a.coefficient, -1), a.atoms};
  if (b.coefficient != -1) {
    if (a.coefficient % b.coefficient != 0)
      return std::nullopt;
    quotient.coefficient = a.coefficient / b.coefficient;
  }
  for (const Dim::AtomRef &atom : b.atoms) {
    auto found = std::find_if(
        quotient.atoms.begin(), quotient.atoms.end(),
        [&](const Dim::AtomRef &other) { return other->text == atom->text; });
    if (found == quotient.atoms.end())
      return std::nullopt;
    quotient.atoms.erase(found);
  }
  return quotient;
}

static std::optional<Dim> divideEach(const std::vector<Term> &terms,
                                     const Term &divisor) {
  std::vector<Term> quotient;
  for (const Term &term : terms) {
    std::optional<Term> part = divideTerm(term, divisor);
    if (!part)
      return std::nullopt;
    quotient.push_back(*part);
  }
  return DimBuilder::make(0, std::move(quotient));
}

/// Terms are in lexicographic order of their atoms, and the longer product
/// leads.
static const Term &leading(const std::vector<Term> &terms) {
  return *std::max_element(terms.begin(), terms.end(),
                           [](const Term &a, const Term &b) {
                             return a.atoms.size() != b.atoms.size()
                                        ? a.atoms.size() < b.atoms.size()
                                        : atomsLess(b, a);
                           });
}

static std::vector<Term> withConstant(const Dim &dim) {
  std::vector<Term> terms = dim.termList();
  if (dim.constantPart() != 0)
    terms.push_back({dim.constantPart(), {}});
  return terms;
}

/// By a single term, term by term; by several, as a polynomial: the leading
/// term of what is left, divided by the leading term of the divisor, is the
/// next term of the quotient.
std::optional<Dim> Dim::divideExactly(const Dim &divisor) const {
  if (divisor.isConstant(0))
    return std::nullopt;
  std::vector<Term> own = withConstant(*this), parts = withConstant(divisor);
  if (own.empty())
    return Dim(0);
  if (parts.size() == 1)
    return divideEach(own, parts[0]);
  const Term &lead = leading(parts);
  Dim quotient, rest = *this;
  for (size_t step = 0; step < own.size() + 16; ++step) {
    std::optional<Term> part = divideTerm(
        rest.terms ? leading(*rest.terms) : Term{rest.constant, {}}, lead);
    if (!part)
      return std::nullopt;
    Dim next = DimBuilder::make(0, {*part});
    quotient = quotient + next;
    rest = rest - next * divisor;
    if (rest.isConstant(0))
      return quotient;
  }
  return std::nullopt;
}

/// The normal form has coefficients in [0, c), no common factor, and no
/// division of a division:
///   floor((c*P + Q)/c) = P + floor(Q/c)
///   floor((g*P + r)/(g*c)) = floor((P + floor(r/g))/c)
///   floor((floor(P/a) + r)/c) = floor((P + a*r)/(a*c))
Dim Dim::floorDiv(int64_t divisor) const {
  assert(divisor > 0);
  if (divisor == 1)
    return *this;
  if (isConstant())
    return floorDivide(constant, divisor);
  std::vector<Term> whole, rest;
  int64_t common = divisor;
  for (const Term &term : *terms) {
    int64_t times = floorDivide(term.coefficient, divisor);
    int64_t remains = term.coefficient - times * divisor;
    if (times)
      whole.push_back({times, term.atoms});
    if (remains)
      rest.push_back({remains, term.atoms});
    common = std::gcd(common, remains);
  }
  int64_t times = floorDivide(constant, divisor);
  int64_t remains = constant - times * divisor;
  Dim quotient = DimBuilder::make(times, std::move(whole));
  // All of the divisor, if nothing is left.
  if (common > 1) {
    for (Term &term : rest)
      term.coefficient /= common;
    return quotient + DimBuilder::make(remains / common, std::move(rest))
                          .floorDiv(divisor / common);
  }
  const Term &first = rest[0];
  int64_t product;
  if (rest.size() == 1 && first.coefficient == 1 && first.atoms.size() == 1 &&
      first.atoms[0]->kind == Atom::FloorDiv &&
      !__builtin_mul_overflow(first.atoms[0]->divisor, divisor, &product)) {
    const Atom &inner = *first.atoms[0];
    return quotient +
           (inner.left + Dim(remains) * inner.divisor).floorDiv(product);
  }
  Dim remainder = DimBuilder::make(remains, std::move(rest));
  return quotient + DimBuilder::atom({Atom::FloorDiv, "", remainder, 0, divisor,
                                      "floor((" + remainder.str() + ")/" +
                                          std::to_string(divisor) + ")"});
}

} // namespace nnc
