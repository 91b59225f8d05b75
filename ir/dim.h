//===- ir/dim.h - Integer expressions over named sizes --------------------===//
//
// A `Dim` is an integer that is known when a program is compiled or when it
// starts: a constant, or a polynomial over atoms (`B`, `B*T`, `2*T + 1`). It is
// also the one index algebra of the compiler: the access maps of a nest and the
// subscripts of the loop IR are Dims over axis names (`2*y + r - 1`).
//
// Upper-case symbols name sizes, lower-case symbols name loop axes. An atom is
// a symbol, `floor(P/c)`, `min(P, Q)` or `max(P, Q)`. Every Dim is kept in one
// normal form, so that equal polynomials print alike and compare equal.
// Arithmetic saturates at the ends of int64; Type refuses sizes near there.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_DIM_H
#define NNC_IR_DIM_H

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnc {

class Dim {
public:
  /// `coefficient * atoms[0] * atoms[1] ...`, the atoms sorted by their text.
  struct Term;
  struct Atom;
  using AtomRef = std::shared_ptr<const Atom>;

  Dim(int64_t constant = 0) : constant(constant) {}
  static Dim symbol(std::string name);
  static Dim min(const Dim &a, const Dim &b);
  static Dim max(const Dim &a, const Dim &b);

  bool isConstant() const { return !terms; }
  /// Requires isConstant().
  int64_t value() const;
  bool isConstant(int64_t v) const { return !terms && constant == v; }
  /// The name, if this is a symbol and nothing more.
  std::optional<std::string> asSymbol() const;

  friend Dim operator+(const Dim &a, const Dim &b);
  friend Dim operator-(const Dim &a, const Dim &b);
  friend Dim operator*(const Dim &a, const Dim &b);
  Dim operator-() const { return Dim(0) - *this; }
  friend bool operator==(const Dim &a, const Dim &b);

  /// The quotient, if the division leaves no remainder whatever the symbols.
  std::optional<Dim> divideExactly(const Dim &divisor) const;
  /// Rounds towards minus infinity; `divisor` > 0.
  Dim floorDiv(int64_t divisor) const;
  Dim ceilDiv(int64_t divisor) const {
    return (*this + (divisor - 1)).floorDiv(divisor);
  }
  Dim roundUp(int64_t multiple) const { return ceilDiv(multiple) * multiple; }

  using Lookup = std::function<std::optional<Dim>(std::string_view)>;
  /// Replaces each symbol that `lookup` knows.
  Dim substitute(const Lookup &lookup) const;
  using Values = std::function<std::optional<int64_t>(std::string_view)>;
  /// The value, if `values` has one for each symbol.
  std::optional<int64_t> evaluate(const Values &values) const;

  /// Calls `visit` with the name of each symbol, as often as it occurs.
  void
  forEachSymbol(const std::function<void(const std::string &)> &visit) const;
  bool uses(std::string_view symbol) const;
  /// The factor c in `c*symbol + rest` where neither c nor rest uses symbol;
  /// nothing if the expression is not of that form.
  std::optional<Dim> coefficientOf(std::string_view symbol) const;
  /// A lower bound, if every size symbol is at least 1 and every axis at least
  /// 0; nothing if none was found.
  std::optional<int64_t> lowerBound() const;
  /// True only if this is >= 0 for every value of the symbols (each >= 1).
  bool isKnownNonNegative() const;

  /// `2*B*T + floor((H + 1)/2) - 1`
  std::string str() const;

  /// For evaluation by code generation: the constant and the terms.
  int64_t constantPart() const { return constant; }
  const std::vector<Term> &termList() const;

private:
  friend struct DimBuilder;
  int64_t constant;
  std::shared_ptr<const std::vector<Term>> terms; ///< Null: a constant.
};

struct Dim::Atom {
  enum Kind { Symbol, FloorDiv, Min, Max } kind;
  std::string name;    ///< Symbol
  Dim left, right;     ///< FloorDiv: left / divisor; Min, Max: both
  int64_t divisor = 1; ///< FloorDiv
  std::string text;    ///< Its normal form: the key by which atoms compare.
};

struct Dim::Term {
  int64_t coefficient;
  std::vector<AtomRef> atoms;
  bool sameAtoms(const Term &other) const;
};

} // namespace nnc

#endif // NNC_IR_DIM_H
