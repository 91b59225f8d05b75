//===- Which errors the bounds of the interpreter allow -------------------===//
#include "ir/error_bound.h"
#include "ir/interpreter.h"
#include "ir/parser.h"

#include <cstdio>

using namespace nnc;

static int failures = 0;

static void expect(int line, bool holds, const char *what) {
  if (holds)
    return;
  std::printf("error_bound_test.cpp:%d: %s\n", line, what);
  ++failures;
}
#define EXPECT(condition) expect(__LINE__, condition, #condition)

/// The result, with bounds, of a function of the elements `x`.
static Tensor run(const char *body, std::vector<double> x) {
  std::string size = std::to_string(x.size());
  std::string text =
      "func @f(%x: f32[" + size + "]) {\n" + body + "  return %y\n}\n";
  ParseError error;
  std::unique_ptr<Module> module = parseModule(text, error);
  if (!module) {
    std::printf("%s\n", error.message.c_str());
    std::exit(1);
  }
  Tensor input(Elem::F32, {static_cast<int64_t>(x.size())});
  input.data = std::move(x);
  return Interpreter(*module->functions[0], Interpreter::With)
      .run(std::span(&input, 1), {})
      .values[0];
}

/// Whether a program may compute `found` where `expected` is exact.
static bool allows(const Tensor &expected, std::vector<double> found,
                   Elem precision = Elem::F32) {
  Tensor tensor(expected.elem, expected.shape);
  tensor.data = std::move(found);
  int64_t passedOver = 0;
  return difference(expected, tensor, precision, passedOver).empty();
}

/// One multiplication is wrong by at most half a unit in the last place, 2^-24
/// of the element, and not by more because another element is large.
static void smallBesideLarge() {
  Tensor y = run("  %w = constant {value = 3.0} : f32[2]\n"
                 "  %y = mul %x, %w : f32[2]\n",
                 {0x1.000002p20, 0x1.000002p-10});
  double large = 3 * 0x1.000002p20, small = 3 * 0x1.000002p-10;
  EXPECT(allows(y, {large, small}));
  EXPECT(allows(y, {large * (1 + 0x1p-24), small * (1 - 0x1p-24)}));
  EXPECT(!allows(y, {large, small * (1 + 0x1p-20)}));
  EXPECT(!allows(y, {large * (1 + 0x1p-20), small}));
  EXPECT(!allows(y, {large, small * (1 + 0x1p-24)}, Elem::F64));
  EXPECT(allows(y, {large, small * (1 + 0x1p-53)}, Elem::F64));
}

/// What is left of terms that cancel is as wrong as they are: f32 near 2^20 is
/// a multiple of 1/8.
static void cancellation() {
  Tensor y =
      run("  %y = sum %x {axes = [0]} : f32\n", {0x1p20, 1.0625, -0x1p20});
  EXPECT(allows(y, {1.125}));
  EXPECT(!allows(y, {2}));
}

/// The sum of n terms, each of one sign, may be rounded n times.
static void longSum() {
  std::vector<double> x(1000, 0x1.000002p0);
  Tensor y = run("  %y = sum %x {axes = [0]} : f32\n", x);
  EXPECT(allows(y, {y.data[0] * (1 + 900 * 0x1p-24)}));
  EXPECT(!allows(y, {y.data[0] * (1 + 5000 * 0x1p-24)}));
}

/// An error of an operand grows as the function does: e^20 is 20 times more
/// wrong than 20, and 1 more for itself.
static void propagation() {
  const char *exp = "  %w = constant {value = 1.1} : f32[1]\n"
                    "  %p = mul %x, %w : f32[1]\n"
                    "  %y = exp %p : f32[1]\n";
  Tensor y = run(exp, {20});
  EXPECT(allows(y, {y.data[0] * (1 + 22 * 0x1p-24)}));
  EXPECT(!allows(y, {y.data[0] * (1 + 2000 * 0x1p-24)}));
}

/// 10 times the f32 next to 0.1 is 1.0000000149, which may be rounded to either
/// side of 1: nothing can be said of its floor. Far from a step it is exact.
static void steps() {
  const char *floor = "  %w = constant {value = 10.0} : f32[2]\n"
                      "  %p = mul %x, %w : f32[2]\n"
                      "  %y = floor %p : f32[2]\n";
  Tensor y = run(floor, {0.1f, 0.15f});
  EXPECT(allows(y, {0, 1}));
  EXPECT(allows(y, {1, 1}));
  EXPECT(!allows(y, {1, 0}));
}

/// What is chosen by a condition that is not sure is not known either; a value
/// that is copied is as wrong as it was.
static void choices() {
  const char *select =
      "  %ten = constant {value = 10.0} : f32[2]\n"
      "  %one = constant {value = 1.0} : f32[2]\n"
      "  %p = mul %x, %ten : f32[2]\n"
      "  %c = compare %p, %one {predicate = \"gt\"} : bool[2]\n"
      "  %s = select %c, %ten, %one : f32[2]\n"
      "  %y = reverse %s {axis = 0} : f32[2]\n";
  Tensor y = run(select, {0.1f, 0.15f});
  EXPECT(allows(y, {10, 1}));
  EXPECT(allows(y, {10, 10}));
  EXPECT(!allows(y, {1, 10}));
}

/// What f32 has no number for may be computed as 0, and what hangs on its sign
/// is not known. Found by random_graphs.py, @g100130.
static void underflow() {
  const char *product = "  %p = product %x {axes = [0]} : f32\n"
                        "  %y = floor %p : f32\n";
  EXPECT(allows(run(product, {0x1p-100, -0x1p-100}), {0}));
  EXPECT(!allows(run(product, {0x1p-50, -0x1p-50}), {0}));
  const char *mul = "  %w = constant {value = -1e-30} : f32[1]\n"
                    "  %p = mul %x, %w : f32[1]\n"
                    "  %y = floor %p : f32[1]\n";
  EXPECT(allows(run(mul, {1e-20f}), {0}));
  EXPECT(!allows(run(mul, {1}), {0}));
}

int main() {
  smallBesideLarge();
  cancellation();
  longSum();
  propagation();
  steps();
  choices();
  underflow();
  return failures != 0;
}
