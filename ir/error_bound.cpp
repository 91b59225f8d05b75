#include "ir/error_bound.h"

#include "ir/op_rules.h"
#include "ir/wrapping.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nnc {

// Note [Bounds by moving operands]
// How far an error of an operand reaches is found by computing the op again
// with operands that are moved by their bounds:
//  - elementwise: one operand after the other, up and down, and the changes
//    add up. A step (`floor`, `compare`) that changes has no bound.
//  - indexing, and reductions that do not round (`reduce_max`): all at once, up
//    and down, for no result falls when an operand rises.
//  - other reductions and contractions are sums of products. Of magnitudes, no
//    terms cancel: f(|x| + bound) - f(|x|) is what the operands' errors can add
//    up to. A sum of n terms in any order is rounded n times at most, each time
//    by a part of at most f(|x|), and n can be read off f(1 + unit) - f(1).
// The step is one unit of f32 also where the program computes in f64: the
// interpreter's own f64 would not show a smaller one. To first order, the bound
// in units is the same.

static double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  double d = std::fabs(a - b);
  return std::isnan(d) ? unbounded : d;
}

static bool isRepresentable(double value) {
  return std::isnan(value) ||
         static_cast<double>(static_cast<float>(value)) == value;
}

/// In units, what is lost where a result is smaller than the floats that are
/// dense: all of it, perhaps. f64 has such far below.
static double underflowBound(double value) {
  constexpr double least = std::numeric_limits<float>::min();
  return value != 0 && std::fabs(value) < least ? least / roundingUnit : 0;
}

double representationBound(double value) {
  if (isRepresentable(value))
    return 0;
  // What does not fit into an f32 has no bound there.
  bool fits = std::fabs(value) <= std::numeric_limits<float>::max();
  return fits ? std::fabs(value) : unbounded;
}

void boundRepresentation(Tensor &tensor) {
  if (!isFloat(tensor.elem))
    return;
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (tensor.boundAt(i) == 0)
      tensor.set(i, {tensor.data[i], representationBound(tensor.data[i])});
}

static bool isExact(const Tensor *tensor) {
  return std::all_of(tensor->bound.begin(), tensor->bound.end(),
                     [](double bound) { return bound == 0; });
}

/// The operand with each element moved by its bound; a bool that is not sure
/// becomes the other one.
static Tensor moved(const Tensor &tensor, double direction) {
  Tensor result = tensor;
  result.bound.clear();
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (double bound = tensor.boundAt(i); bound == 0)
      continue;
    else if (tensor.elem == Elem::Bool)
      result.data[i] = tensor.data[i] == 0;
    else
      result.data[i] += direction * roundingUnit * bound;
  return result;
}

namespace {

class ErrorBound {
public:
  ErrorBound(const Op &op, const std::vector<const Tensor *> &operands,
             std::vector<Tensor> &results, const Evaluate &evaluate)
      : op(op), operands(operands), results(results), evaluate(evaluate),
        isStep(op.def().gradient.rule == rules::zeroGradient &&
               !op.is("stop_gradient")) {}

  void run() {
    switch (op.def().kind) {
    case OpKind::Elementwise:
      return elementwise();
    case OpKind::Indexing:
      return choice();
    case OpKind::Reduction:
    case OpKind::Contraction:
      return op.def().rounding == 0 ? choice() : sumOfProducts();
    default:
      return;
    }
  }

private:
  void add(Tensor &result, int64_t i, double bound) {
    if (std::isnan(bound))
      bound = unbounded;
    if (bound != 0)
      result.set(i, {result.data[i], result.boundAt(i) + bound});
  }

  /// Numbers that count are exact or not known at all; there is nothing to
  /// move.
  static bool isUnknown(const Tensor &tensor) {
    return isInteger(tensor.elem) && !isExact(&tensor);
  }

  /// Adds the largest change that moving the operands makes. Where the choice
  /// itself is not sure, any change is a jump.
  void addChange(const std::vector<std::vector<Tensor>> &places, bool isSure,
                 const std::function<bool(int64_t)> &isSame) {
    for (size_t r = 0; r < results.size(); ++r)
      for (int64_t i = 0; i < results[r].size(); ++i) {
        double change = 0;
        for (const std::vector<Tensor> &place : places)
          change =
              std::max(change, distance(place[r].data[i], results[r].data[i]));
        bool jumps = isStep || !isSure || !isFloat(results[r].elem);
        if (change != 0 && !isSame(i))
          add(results[r], i, jumps ? unbounded : change / roundingUnit);
      }
  }

  void elementwise() {
    // A step between operands that are equal is taken as sure: they are one
    // value, computed once (`max` and its derivative).
    auto isSame = [&](int64_t i) {
      return isStep &&
             std::all_of(operands.begin(), operands.end(), [&](auto *other) {
               return operands.size() > 1 &&
                      other->data[i] == operands[0]->data[i];
             });
    };
    for (size_t o = 0; o < operands.size(); ++o) {
      if (isExact(operands[o]))
        continue;
      std::vector<std::vector<Tensor>> places;
      for (double direction : {-1.0, 1.0}) {
        Tensor place = moved(*operands[o], direction);
        std::vector<const Tensor *> changed = operands;
        changed[o] = &place;
        places.push_back(evaluate(changed));
      }
      addChange(places, isFloat(operands[o]->elem), isSame);
    }
    for (Tensor &result : results)
      for (int64_t i = 0; isFloat(result.elem) && i < result.size(); ++i)
        add(result, i, ownRounding(result.data[i], i));
  }

  double ownRounding(double value, int64_t i) const {
    bool exact = std::all_of(operands.begin(), operands.end(),
                             [&](auto *each) { return each->boundAt(i) == 0; });
    double rounding = op.def().rounding;
    // One operation gives what it can represent.
    if (rounding == 0 || std::isinf(value) ||
        (rounding == 1 && exact && isRepresentable(value)))
      return 0;
    return rounding * std::fabs(value) + underflowBound(value);
  }

  void unknown() {
    for (Tensor &result : results)
      for (int64_t i = 0; i < result.size(); ++i)
        add(result, i, unbounded);
  }

  /// Evaluates with every operand of floats replaced by `change(it)`.
  std::vector<Tensor>
  withFloats(const std::function<Tensor(const Tensor &)> &change) {
    std::vector<Tensor> changed;
    for (const Tensor *operand : operands)
      changed.push_back(isInteger(operand->elem) ? *operand : change(*operand));
    std::vector<const Tensor *> pointers;
    for (const Tensor &each : changed)
      pointers.push_back(&each);
    return evaluate(pointers);
  }

  void choice() {
    if (std::all_of(operands.begin(), operands.end(), isExact))
      return;
    for (const Tensor *operand : operands)
      if (isUnknown(*operand))
        return unknown();
    std::vector<std::vector<Tensor>> places;
    for (double direction : {-1.0, 1.0})
      places.push_back(withFloats(
          [&](const Tensor &operand) { return moved(operand, direction); }));
    addChange(places, true, [](int64_t) { return false; });
  }

  void sumOfProducts() {
    for (const Tensor *operand : operands)
      if (isUnknown(*operand))
        return unknown();
    if (!isFloat(results[0].elem))
      return;
    auto magnitudes = [](const Tensor &operand) {
      Tensor result = operand;
      for (double &value : result.data)
        value = std::fabs(value);
      return result;
    };
    auto filled = [](double value) {
      return [value](const Tensor &operand) {
        return Tensor(operand.elem, operand.shape, value);
      };
    };
    Tensor plain = withFloats(magnitudes)[0];
    Tensor raised = withFloats([&](const Tensor &operand) {
      return moved(magnitudes(operand), 1);
    })[0];
    Tensor ones = withFloats(filled(1))[0];
    Tensor more = withFloats(filled(1 + roundingUnit))[0];
    for (int64_t i = 0; i < plain.size(); ++i) {
      double terms = std::round((more.data[i] - ones.data[i]) / roundingUnit);
      double bound = distance(raised.data[i], plain.data[i]) / roundingUnit;
      if (terms > 1)
        bound += op.def().rounding * terms * plain.data[i] +
                 underflowBound(results[0].data[i]);
      add(results[0], i, bound);
    }
  }

  const Op &op;
  const std::vector<const Tensor *> &operands;
  std::vector<Tensor> &results;
  const Evaluate &evaluate;
  bool isStep;
};

} // namespace

void boundErrors(const Op &op, const std::vector<const Tensor *> &operands,
                 std::vector<Tensor> &results, const Evaluate &evaluate) {
  ErrorBound(op, operands, results, evaluate).run();
}

Element multiply(Element a, Element b) {
  double value = a.value * b.value;
  double bound = std::fabs(a.value) * b.bound + std::fabs(b.value) * a.bound;
  return {value, bound + std::fabs(value)};
}

bool Combination::isKnown(std::string_view how) {
  return how == "add" || how == "mul" || how == "max" || how == "min";
}

Combination::Combination(const std::string &name, Elem elem)
    : how(name == "mul"   ? Mul
          : name == "max" ? Max
          : name == "min" ? Min
                          : Add),
      elem(elem), value(how == Add   ? 0
                        : how == Mul ? 1
                        : how == Max ? -std::numeric_limits<double>::infinity()
                                     : std::numeric_limits<double>::infinity()),
      low(value), high(value) {}

/// As the ops: NaN if either is.
double Combination::combined(double a, double b) const {
  if (how == Max)
    return std::isnan(a) || a > b ? a : b;
  if (how == Min)
    return std::isnan(a) || a < b ? a : b;
  return how == Mul ? a * b : a + b;
}

void Combination::take(Element element) {
  ++count;
  value = isInteger(elem) && how == Mul ? product(elem, value, element.value)
                                        : combined(value, element.value);
  bool sums = how == Add || how == Mul;
  double place = sums ? std::fabs(element.value) : element.value;
  double error = roundingUnit * element.bound;
  low = combined(low, sums ? place : place - error);
  high = combined(high, place + error);
}

Element Combination::result() const {
  // Numbers that count are exact or not known at all.
  if (isInteger(elem))
    return {value, low == high ? 0 : unbounded};
  bool sums = how == Add || how == Mul;
  double bound = sums ? distance(high, low)
                      : std::max(distance(high, value), distance(low, value));
  bound /= roundingUnit;
  if (sums && count > 1)
    bound += static_cast<double>(count) * low + underflowBound(value);
  return {value, std::isnan(bound) ? unbounded : bound};
}

std::string difference(const Tensor &expected, const Tensor &found,
                       Elem precision, int64_t &passedOver) {
  if (expected.shape != found.shape)
    return "another shape";
  bool isF32 = precision == Elem::F32;
  double unit = isF32 ? roundingUnit : 0x1p-53;
  // Below this, floats are not as dense as the analysis has it.
  double least = isF32 ? std::numeric_limits<float>::min()
                       : std::numeric_limits<double>::min();
  for (int64_t i = 0; i < expected.size(); ++i) {
    if (std::isinf(expected.boundAt(i))) {
      ++passedOver;
      continue;
    }
    // Both are rounded: in f64 the interpreter too.
    double bound = 2 * unit * expected.boundAt(i) + least;
    double error = distance(expected.data[i], found.data[i]);
    if (error > (isFloat(expected.elem) ? bound : 0))
      return "element " + std::to_string(i) + " is " +
             floatText(found.data[i]) + " and should be " +
             floatText(expected.data[i]) + ", to " + floatText(bound);
  }
  return "";
}

} // namespace nnc
