#include "ir/dim.h"

#include <algorithm>
#include <cassert>
#include <numeric>

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
    if (terms.size() == 1 && terms[0].coefficient && !terms[0].atoms.empty())
      return normal(constant, std::move(terms));
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
    return normal(constant, std::move(merged));
  }

  /// Of terms in normal form.
  static Dim normal(int64_t constant, std::vector<Dim::Term> terms) {
    Dim dim(constant);
    if (!terms.empty())
      dim.terms =
          std::make_shared<const std::vector<Dim::Term>>(std::move(terms));
    return dim;
  }

  /// Whether one is a copy of the other, which is soon seen.
  static bool isSame(const Dim &a, const Dim &b) {
    return a.constant == b.constant && a.terms == b.terms;
  }

  /// Nothing if `lookup` knows no symbol in there.
  static std::optional<Dim> substitute(const Dim::Atom &atom,
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

  static std::optional<int64_t> evaluate(const Dim::Atom &atom,
                                         const Dim::Values &values);

  static Dim atom(Dim::Atom atom) {
    std::vector<Dim::Term> terms(1);
    terms[0].coefficient = 1;
    terms[0].atoms = {std::make_shared<const Dim::Atom>(std::move(atom))};
    return normal(0, std::move(terms));
  }
};

const std::vector<Dim::Term> &Dim::termList() const {
  static const std::vector<Term> none;
  return terms ? *terms : none;
}

Dim Dim::symbol(std::string name) {
  return DimBuilder::atom({Atom::Symbol, name, 0, 0, 1, name});
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
  if (a.isConstant(1))
    return b;
  if (b.isConstant(1))
    return a;
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

/// By a single term, term by term; by several, as a polynomial: the leading
/// term of what is left, divided by the leading term of the divisor, is the
/// next term of the quotient. Terms are in lexicographic order of their atoms,
/// and the longer product leads.
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
    // INT64_MIN / -1 overflows.
    Term quotient{saturatingMul(a.coefficient, -1), a.atoms};
    if (b.coefficient != -1) {
      if (a.coefficient % b.coefficient != 0)
        return std::nullopt;
      quotient.coefficient = a.coefficient / b.coefficient;
    }
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
  auto leading = [](const std::vector<Term> &terms) {
    return *std::max_element(terms.begin(), terms.end(),
                             [](const Term &a, const Term &b) {
                               return a.atoms.size() != b.atoms.size()
                                          ? a.atoms.size() < b.atoms.size()
                                          : atomsLess(b, a);
                             });
  };
  Term lead = leading(parts);
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

Dim Dim::substitute(const Lookup &lookup) const {
  Dim sum(constant);
  std::vector<Term> kept;
  for (const Term &term : termList()) {
    Dim product(term.coefficient);
    Term rest{1, {}};
    for (const AtomRef &atom : term.atoms)
      if (std::optional<Dim> known = DimBuilder::substitute(*atom, lookup))
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

std::optional<int64_t> DimBuilder::evaluate(const Dim::Atom &atom,
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
      std::optional<int64_t> value = DimBuilder::evaluate(*atom, values);
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
      if (low < 0 && term.atoms.size() > 1)
        return std::nullopt;
      product = saturatingMul(product, low);
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
    if (times > 0 && atom.kind == Dim::Atom::Min &&
        (holds(rest - atom.left * times) || holds(rest - atom.right * times)))
      return true;
    if (times < 0 && atom.kind == Dim::Atom::Max &&
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
