#include "ir/dim.h"

#include <algorithm>
#include <cassert>

namespace nnc {

static int64_t saturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (!__builtin_add_overflow(a, b, &sum))
    return sum;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

static int64_t saturatingMul(int64_t a, int64_t b) {
  int64_t product;
  if (!__builtin_mul_overflow(a, b, &product))
    return product;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

static int64_t floorDivide(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

bool Dim::Term::sameAtoms(const Term &other) const {
  return std::equal(
      atoms.begin(), atoms.end(), other.atoms.begin(), other.atoms.end(),
      [](const AtomRef &a, const AtomRef &b) { return a->text == b->text; });
}

static bool atomsLess(const Dim::Term &a, const Dim::Term &b) {
  return std::lexicographical_compare(
      a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(),
      [](const Dim::AtomRef &x, const Dim::AtomRef &y) {
        return x->text < y->text;
      });
}

/// Brings a list of terms into normal form.
struct DimBuilder {
  static Dim make(int64_t constant, std::vector<Dim::Term> terms) {
    std::sort(terms.begin(), terms.end(), atomsLess);
    std::vector<Dim::Term> merged;
    for (Dim::Term &term : terms) {
      if (term.atoms.empty()) {
        constant = saturatingAdd(constant, term.coefficient);
      } else if (!merged.empty() && merged.back().sameAtoms(term)) {
        merged.back().coefficient =
            saturatingAdd(merged.back().coefficient, term.coefficient);
      } else {
        merged.push_back(std::move(term));
      }
    }
    std::erase_if(merged,
                  [](const Dim::Term &t) { return t.coefficient == 0; });
    Dim dim(constant);
    if (!merged.empty())
      dim.terms =
          std::make_shared<const std::vector<Dim::Term>>(std::move(merged));
    return dim;
  }

  static Dim atom(Dim::Atom atom) {
    auto ref = std::make_shared<const Dim::Atom>(std::move(atom));
    return make(0, {{1, {ref}}});
  }
};

const std::vector<Dim::Term> &Dim::termList() const {
  static const std::vector<Term> none;
  return terms ? *terms : none;
}

Dim Dim::symbol(std::string name) {
  return DimBuilder::atom({Atom::Symbol, name, 0, 0, 1, name});
}

/// min and max of two Dims that differ by a known sign are one of them.
Dim Dim::min(const Dim &a, const Dim &b) {
  if ((b - a).isKnownNonNegative())
    return a;
  if ((a - b).isKnownNonNegative())
    return b;
  std::string left = a.str(), right = b.str();
  if (right < left)
    return min(b, a);
  return DimBuilder::atom(
      {Atom::Min, "", a, b, 1, "min(" + left + ", " + right + ")"});
}

Dim Dim::max(const Dim &a, const Dim &b) {
  if ((b - a).isKnownNonNegative())
    return b;
  if ((a - b).isKnownNonNegative())
    return a;
  std::string left = a.str(), right = b.str();
  if (right < left)
    return max(b, a);
  return DimBuilder::atom(
      {Atom::Max, "", a, b, 1, "max(" + left + ", " + right + ")"});
}

int64_t Dim::value() const {
  assert(isConstant());
  return constant;
}

std::optional<std::string> Dim::asSymbol() const {
  if (!terms || constant != 0 || terms->size() != 1)
    return std::nullopt;
  const Term &term = terms->front();
  if (term.coefficient != 1 || term.atoms.size() != 1 ||
      term.atoms[0]->kind != Atom::Symbol)
    return std::nullopt;
  return term.atoms[0]->name;
}

Dim operator+(const Dim &a, const Dim &b) {
  if (!b.terms) {
    Dim sum = a;
    sum.constant = saturatingAdd(a.constant, b.constant);
    return sum;
  }
  std::vector<Dim::Term> terms = a.termList();
  terms.insert(terms.end(), b.terms->begin(), b.terms->end());
  return DimBuilder::make(saturatingAdd(a.constant, b.constant),
                          std::move(terms));
}

Dim operator*(const Dim &a, const Dim &b) {
  if (!a.terms && !b.terms)
    return saturatingMul(a.constant, b.constant);
  std::vector<Dim::Term> product;
  auto scaled = [&](const Dim &dim, int64_t factor) {
    for (const Dim::Term &term : dim.termList())
      product.push_back({saturatingMul(term.coefficient, factor), term.atoms});
  };
  scaled(a, b.constant);
  scaled(b, a.constant);
  for (const Dim::Term &x : a.termList())
    for (const Dim::Term &y : b.termList()) {
      Dim::Term term{saturatingMul(x.coefficient, y.coefficient), x.atoms};
      term.atoms.insert(term.atoms.end(), y.atoms.begin(), y.atoms.end());
      std::sort(term.atoms.begin(), term.atoms.end(),
                [](const Dim::AtomRef &p, const Dim::AtomRef &q) {
                  return p->text < q->text;
                });
      product.push_back(std::move(term));
    }
  return DimBuilder::make(saturatingMul(a.constant, b.constant),
                          std::move(product));
}

Dim operator-(const Dim &a, const Dim &b) { return a + b * Dim(-1); }

bool operator==(const Dim &a, const Dim &b) {
  if (a.constant != b.constant || !a.terms != !b.terms)
    return false;
  return !a.terms || a.terms == b.terms ||
         std::equal(a.terms->begin(), a.terms->end(), b.terms->begin(),
                    b.terms->end(), [](const Dim::Term &x, const Dim::Term &y) {
                      return x.coefficient == y.coefficient && x.sameAtoms(y);
                    });
}

/// Divides by one term at a time; a divisor of several terms must divide by
/// being a constant multiple, which covers what programs write.
std::optional<Dim> Dim::divideExactly(const Dim &divisor) const {
  if (divisor.isConstant(0))
    return std::nullopt;
  std::vector<Term> parts = divisor.termList();
  if (divisor.constant != 0)
    parts.push_back({divisor.constant, {}});
  std::vector<Term> own = termList();
  if (constant != 0)
    own.push_back({constant, {}});
  if (own.empty())
    return Dim(0);
  auto divideTerm = [](const Term &a, const Term &b) -> std::optional<Term> {
    if (a.coefficient % b.coefficient != 0)
      return std::nullopt;
    Term quotient{a.coefficient / b.coefficient, a.atoms};
    for (const AtomRef &atom : b.atoms) {
      auto found = std::find_if(
          quotient.atoms.begin(), quotient.atoms.end(),
          [&](const AtomRef &other) { return other->text == atom->text; });
      if (found == quotient.atoms.end())
        return std::nullopt;
      quotient.atoms.erase(found);
    }
    return quotient;
  };
  if (parts.size() == 1) {
    std::vector<Term> quotient;
    for (const Term &term : own) {
      std::optional<Term> part = divideTerm(term, parts[0]);
      if (!part)
        return std::nullopt;
      quotient.push_back(*part);
    }
    return DimBuilder::make(0, std::move(quotient));
  }
  std::optional<Term> lead = divideTerm(own[0], parts[0]);
  if (!lead)
    return std::nullopt;
  Dim quotient = DimBuilder::make(0, {*lead});
  if (quotient * divisor == *this)
    return quotient;
  return std::nullopt;
}

/// floor((c*P + r)/c) = P + floor(r/c).
Dim Dim::floorDiv(int64_t divisor) const {
  assert(divisor > 0);
  if (divisor == 1)
    return *this;
  if (isConstant())
    return floorDivide(constant, divisor);
  std::vector<Term> whole, rest;
  for (const Term &term : *terms)
    if (term.coefficient % divisor == 0)
      whole.push_back({term.coefficient / divisor, term.atoms});
    else
      rest.push_back(term);
  int64_t wholeConstant = floorDivide(constant, divisor);
  int64_t restConstant = constant - wholeConstant * divisor;
  Dim quotient = DimBuilder::make(wholeConstant, std::move(whole));
  if (rest.empty())
    return quotient;
  Dim remainder = DimBuilder::make(restConstant, std::move(rest));
  return quotient + DimBuilder::atom({Atom::FloorDiv, "", remainder, 0, divisor,
                                      "floor((" + remainder.str() + ")/" +
                                          std::to_string(divisor) + ")"});
}

Dim Dim::substitute(const Lookup &lookup) const {
  if (!terms)
    return *this;
  Dim sum(constant);
  for (const Term &term : *terms) {
    Dim product(term.coefficient);
    for (const AtomRef &atom : term.atoms) {
      switch (atom->kind) {
      case Atom::Symbol: {
        std::optional<Dim> known = lookup(atom->name);
        product = product * (known ? *known : symbol(atom->name));
        break;
      }
      case Atom::FloorDiv:
        product =
            product * atom->left.substitute(lookup).floorDiv(atom->divisor);
        break;
      case Atom::Min:
        product = product * min(atom->left.substitute(lookup),
                                atom->right.substitute(lookup));
        break;
      case Atom::Max:
        product = product * max(atom->left.substitute(lookup),
                                atom->right.substitute(lookup));
        break;
      }
    }
    sum = sum + product;
  }
  return sum;
}

std::optional<int64_t> Dim::evaluate(const Lookup &lookup) const {
  Dim result = substitute(lookup);
  if (!result.isConstant())
    return std::nullopt;
  return result.constant;
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

/// Sizes are at least 1 and axes at least 0. A term with a negative
/// coefficient has no lower bound, unless its atoms cancel in normal form.
std::optional<int64_t> Dim::lowerBound() const {
  int64_t bound = constant;
  for (const Term &term : termList()) {
    if (term.coefficient < 0)
      return std::nullopt;
    int64_t product = term.coefficient;
    for (const AtomRef &atom : term.atoms) {
      int64_t low = 0;
      switch (atom->kind) {
      case Atom::Symbol:
        low = std::isupper(static_cast<unsigned char>(atom->name[0])) ? 1 : 0;
        break;
      case Atom::FloorDiv: {
        std::optional<int64_t> inner = atom->left.lowerBound();
        if (!inner)
          return std::nullopt;
        low = floorDivide(*inner, atom->divisor);
        break;
      }
      case Atom::Min:
      case Atom::Max: {
        std::optional<int64_t> left = atom->left.lowerBound();
        std::optional<int64_t> right = atom->right.lowerBound();
        if (atom->kind == Atom::Max && (left || right)) {
          low = std::max(left.value_or(INT64_MIN), right.value_or(INT64_MIN));
          break;
        }
        if (!left || !right)
          return std::nullopt;
        low = std::min(*left, *right);
        break;
      }
      }
      if (low < 0)
        return std::nullopt;
      product = saturatingMul(product, low);
    }
    bound = saturatingAdd(bound, product);
  }
  return bound;
}

/// Besides the plain lower bound, knows that x - min(x, y), max(x, y) - x and
/// x - c*floor(x/c) are not negative.
bool Dim::isKnownNonNegative() const {
  if (std::optional<int64_t> low = lowerBound())
    return *low >= 0;
  for (const Term &term : termList()) {
    if (term.atoms.size() != 1)
      continue;
    const Atom &atom = *term.atoms[0];
    Dim rest = *this - DimBuilder::make(0, {term});
    if (term.coefficient < 0 && atom.kind == Atom::Min) {
      Dim factor(-term.coefficient);
      if ((rest - factor * atom.left).isKnownNonNegative() ||
          (rest - factor * atom.right).isKnownNonNegative())
        return true;
    }
    if (term.coefficient > 0 && atom.kind == Atom::Max) {
      Dim factor(term.coefficient);
      if ((rest + factor * atom.left).isKnownNonNegative() ||
          (rest + factor * atom.right).isKnownNonNegative())
        return true;
    }
    if (term.coefficient < 0 && atom.kind == Atom::FloorDiv &&
        -term.coefficient <= atom.divisor &&
        term.coefficient % atom.divisor == 0 &&
        (rest - atom.left).isKnownNonNegative())
      return true;
  }
  return false;
}

std::string Dim::str() const {
  std::string text;
  for (const Term &term : termList()) {
    int64_t coefficient = term.coefficient;
    if (text.empty()) {
      if (coefficient < 0)
        text += "-";
    } else {
      text += coefficient < 0 ? " - " : " + ";
    }
    uint64_t magnitude = coefficient < 0
                             ? 0 - static_cast<uint64_t>(coefficient)
                             : static_cast<uint64_t>(coefficient);
    if (magnitude != 1)
      text += std::to_string(magnitude) + "*";
    for (size_t i = 0; i < term.atoms.size(); ++i)
      text += (i ? "*" : "") + term.atoms[i]->text;
  }
  if (text.empty())
    return std::to_string(constant);
  if (constant > 0)
    text += " + " + std::to_string(constant);
  if (constant < 0)
    text += " - " + std::to_string(0 - static_cast<uint64_t>(constant));
  return text;
}

} // namespace nnc
