#include "ir/dim_terms.h"

#include <algorithm>
#include <cassert>

namespace nnc {

bool Dim::Term::sameAtoms(const Term &other) const {
  return std::equal(
      atoms.begin(), atoms.end(), other.atoms.begin(), other.atoms.end(),
      [](const AtomRef &a, const AtomRef &b) { return a->text == b->text; });
}

bool atomsLess(const Dim::Term &a, const Dim::Term &b) {
  return std::lexicographical_compare(
      a.atoms.begin(), a.atoms.end(), b.atoms.begin(), b.atoms.end(),
      [](const Dim::AtomRef &x, const Dim::AtomRef &y) {
        return x->text < y->text;
      });
}

Dim DimBuilder::make(int64_t constant, std::vector<Dim::Term> terms) {
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
  std::erase_if(merged, [](const Dim::Term &t) { return t.coefficient == 0; });
  return normal(constant, std::move(merged));
}

Dim DimBuilder::normal(int64_t constant, std::vector<Dim::Term> terms) {
  Dim dim(constant);
  if (!terms.empty())
    dim.terms =
        std::make_shared<const std::vector<Dim::Term>>(std::move(terms));
  return dim;
}

Dim DimBuilder::atom(Dim::Atom atom) {
  std::vector<Dim::Term> terms(1);
  terms[0].coefficient = 1;
  terms[0].atoms = {std::make_shared<const Dim::Atom>(std::move(atom))};
  return normal(0, std::move(terms));
}

const std::vector<Dim::Term> &Dim::termList() const {
  static const std::vector<Term> none;
  return terms ? *terms : none;
}

Dim Dim::symbol(std::string name) {
  return DimBuilder::atom({Atom::Symbol, name, 0, 0, 1, name});
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
