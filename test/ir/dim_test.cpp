//===- The algebra of sizes -----------------------------------------------===//
#include "ir/dim.h"

#include <cstdio>
#include <map>

using nnc::Dim;

static int failures = 0;

static void same(int line, const std::string &found, const std::string &want) {
  if (found == want)
    return;
  std::printf("dim_test.cpp:%d: found %s, expected %s\n", line, found.c_str(),
              want.c_str());
  ++failures;
}

static std::string text(const Dim &dim) { return dim.str(); }
static std::string text(bool value) { return value ? "true" : "false"; }
static std::string text(const std::optional<Dim> &dim) {
  return dim ? dim->str() : "none";
}
static std::string text(const std::optional<int64_t> &value) {
  return value ? std::to_string(*value) : "none";
}
#define EXPECT(value, want) same(__LINE__, text(value), want)

static const Dim B = Dim::symbol("B"), T = Dim::symbol("T"),
                 H = Dim::symbol("H"), y = Dim::symbol("y"),
                 r = Dim::symbol("r");

static void normalForms() {
  EXPECT(Dim(0), "0");
  EXPECT(Dim(-3), "-3");
  EXPECT(B + B, "2*B");
  EXPECT(B - B, "0");
  EXPECT(T * B, "B*T");
  EXPECT(B * B, "B*B");
  EXPECT(T + B, "B + T");
  EXPECT(-B, "-B");
  EXPECT(B * 2 + 1, "2*B + 1");
  EXPECT((B + 1) * (B - 1), "B*B - 1");
  EXPECT((B + T) * 3 - T * 3, "3*B");
  EXPECT((B + 1) * (T + 2) == T + B * 2 + B * T + 2, "true");
  EXPECT(B == T, "false");
  EXPECT((B + 1).asSymbol().has_value(), "false");
  EXPECT(B.asSymbol().has_value(), "true");
  EXPECT((B * 2).asSymbol().has_value(), "false");
}

static void saturation() {
  EXPECT(Dim(INT64_MAX) + 1, std::to_string(INT64_MAX));
  EXPECT(Dim(INT64_MIN) - 1, std::to_string(INT64_MIN));
  EXPECT(Dim(INT64_MAX) * 2, std::to_string(INT64_MAX));
  EXPECT(B * INT64_MIN, std::to_string(INT64_MIN) + "*B");
  EXPECT(Dim(INT64_MIN).divideExactly(-1), std::to_string(INT64_MAX));
}

static void exactDivision() {
  EXPECT((B * 6).divideExactly(3), "2*B");
  EXPECT((B * 6).divideExactly(4), "none");
  EXPECT((B * 6).divideExactly(0), "none");
  EXPECT((B * T * 4).divideExactly(B * 2), "2*T");
  EXPECT((B * T + B).divideExactly(B), "T + 1");
  EXPECT((B * T + 1).divideExactly(B), "none");
  EXPECT((B * 2 + 2).divideExactly(B + 1), "2");
  EXPECT((B * T + T).divideExactly(B + 1), "T");
  EXPECT((B * B - 1).divideExactly(B + 1), "B - 1");
  EXPECT(Dim(0).divideExactly(B), "0");
  EXPECT(Dim(0).divideExactly(B + 1), "0");
  EXPECT((B * T + 1).divideExactly(B + 1), "none");
  EXPECT(Dim(784).divideExactly(28), "28");
}

static void flooredDivision() {
  EXPECT(Dim(-7).floorDiv(2), "-4");
  EXPECT(B.floorDiv(1), "B");
  EXPECT((B * 4 + 6).floorDiv(2), "2*B + 3");
  EXPECT((B * 4 + 5).floorDiv(2), "2*B + 2");
  EXPECT((H + 1).floorDiv(2), "floor((H + 1)/2)");
  EXPECT((H + 5).floorDiv(2), "floor((H + 1)/2) + 2");
  EXPECT((H - 1).floorDiv(2), "floor((H + 1)/2) - 1");
  // One normal form: what the divisor divides is taken out, and nested
  // divisions become one.
  EXPECT((B * 3).floorDiv(2), "B + floor((B)/2)");
  EXPECT((-B).floorDiv(2), "-B + floor((B)/2)");
  EXPECT((B * 2 + 1).floorDiv(4), "floor((B)/2)");
  EXPECT((B * 2 + 2).floorDiv(4), "floor((B + 1)/2)");
  EXPECT(B.floorDiv(2).floorDiv(3), "floor((B)/6)");
  EXPECT((B.floorDiv(2) + 1).floorDiv(3), "floor((B + 2)/6)");
  EXPECT(B.ceilDiv(16), "floor((B + 15)/16)");
  EXPECT(B.roundUp(16), "16*floor((B + 15)/16)");
  EXPECT((B * 16).roundUp(16), "16*B");
}

static void minimaAndMaxima() {
  EXPECT(Dim::min(3, 4), "3");
  EXPECT(Dim::min(B, B + 1), "B");
  EXPECT(Dim::max(B, B + 1), "B + 1");
  EXPECT(Dim::max(B, 1), "B");
  EXPECT(Dim::max(B, 0), "B");
  EXPECT(Dim::min(T, B), "min(B, T)");
  EXPECT(Dim::min(B, T) == Dim::min(T, B), "true");
  EXPECT(Dim::min(B + 3, T + 3), "min(B, T) + 3");
  EXPECT(Dim::min(B + H, T + H), "H + min(B, T)");
  EXPECT(Dim::max(B - 1, T), "max(B, T + 1) - 1");
  EXPECT(Dim::min(B, Dim::min(B, T)), "min(B, T)");
  EXPECT(Dim::max(y, 0), "y");
  EXPECT(Dim::min(B - T + 7, 3), "min(-4, B - T) + 7");
}

static void bounds() {
  EXPECT((B - 1).isKnownNonNegative(), "true");
  EXPECT((B - 2).isKnownNonNegative(), "false");
  EXPECT(y.isKnownNonNegative(), "true");
  EXPECT((y - 1).isKnownNonNegative(), "false");
  EXPECT((B * T - 1).isKnownNonNegative(), "true");
  EXPECT((B - T).isKnownNonNegative(), "false");
  EXPECT((B - Dim::min(B, T)).isKnownNonNegative(), "true");
  EXPECT((Dim::min(B, T) - B).isKnownNonNegative(), "false");
  EXPECT((Dim::max(B, T) - B).isKnownNonNegative(), "true");
  EXPECT((B - B.floorDiv(2) * 2).isKnownNonNegative(), "true");
  EXPECT((B - B.floorDiv(2)).isKnownNonNegative(), "true");
  EXPECT((B * 3 - B.floorDiv(2) * 6).isKnownNonNegative(), "true");
  // What is padded before and behind: also where the total may be negative.
  Dim total = Dim::max(Dim(-3), T.floorDiv(2) * 2 - T) + 3;
  EXPECT((total - total.floorDiv(2)).isKnownNonNegative(), "true");
  EXPECT((total - total.floorDiv(2) - 1).isKnownNonNegative(), "false");
  EXPECT((B.floorDiv(2) * 3 - B).isKnownNonNegative(), "false");
  EXPECT(((H - 3).floorDiv(2) + 1).isKnownNonNegative(), "true");
  EXPECT((H - 3).floorDiv(2).isKnownNonNegative(), "false");
  EXPECT((B * 2 + 3).lowerBound(), "5");
  EXPECT((B - T).lowerBound(), "none");
  EXPECT(Dim::min(B - T, 0).floorDiv(2).lowerBound(), "none");
  EXPECT(Dim::max(B - T, 5).lowerBound(), "5");
  // The larger T, the less.
  EXPECT((T * Dim::max(B - T, -5)).lowerBound(), "none");
  EXPECT((B - y * Dim::min(B, T)).isKnownNonNegative(), "false");
  EXPECT((B - (B + 1).floorDiv(2)).isKnownNonNegative(), "true");
  // Many minima do not make it slow.
  Dim sum = B;
  for (int i = 0; i < 40; ++i)
    sum = sum - Dim::min(Dim::symbol("P" + std::to_string(i)), T * (i + 2));
  EXPECT(sum.isKnownNonNegative(), "false");
}

static void substitution() {
  auto lookup = [](std::string_view name) -> std::optional<Dim> {
    static const std::map<std::string, Dim, std::less<>> known = {{"B", Dim(8)},
                                                                  {"y", T - 1}};
    auto found = known.find(name);
    return found == known.end() ? std::nullopt
                                : std::optional<Dim>(found->second);
  };
  EXPECT((B * 2 + 1).substitute(lookup), "17");
  EXPECT((B * T).substitute(lookup), "8*T");
  EXPECT((y * 2 + r).substitute(lookup), "2*T + r - 2");
  EXPECT((B + 1).floorDiv(2).substitute(lookup), "4");
  EXPECT(Dim::min(B, T).substitute(lookup), "min(8, T)");
}

static void evaluation() {
  auto values = [](std::string_view name) -> std::optional<int64_t> {
    return name == "B" ? std::optional<int64_t>(8) : std::nullopt;
  };
  EXPECT(Dim(7).evaluate(values), "7");
  EXPECT(Dim::max(B, H).evaluate(values), "none");
  EXPECT((H + 1).floorDiv(2).evaluate(values), "none");
  EXPECT(Dim::max(B, 20 + 0 * H).evaluate(values), "20");
  EXPECT((B * B).evaluate(values), "64");
}

static void symbols() {
  EXPECT((y * 2 + r - 1).coefficientOf("y"), "2");
  EXPECT((y * T + r).coefficientOf("y"), "T");
  EXPECT((y * y).coefficientOf("y"), "none");
  EXPECT((y + r.floorDiv(2)).coefficientOf("r"), "none");
  EXPECT(r.coefficientOf("y"), "0");
  EXPECT((y + r.floorDiv(2)).uses("r"), "true");
  EXPECT(Dim::min(y, r).uses("T"), "false");
}

/// Every law above also holds for numbers: tries a grid of them.
static void againstNumbers() {
  for (int64_t p = -4; p <= 4; ++p)
    for (int64_t q = -4; q <= 4; ++q)
      for (int64_t divisor = 1; divisor <= 6; ++divisor) {
        Dim inner = (B * p + T * 2 + q).floorDiv(divisor);
        Dim whole = Dim::min(inner * 2 + q, (inner + T).floorDiv(2)) +
                    Dim::max(B * p + 1, T + q);
        for (int64_t b = 1; b <= 5; ++b) {
          auto at = [&](std::string_view name) -> std::optional<int64_t> {
            return name == "B" ? b : 3;
          };
          auto floored = [](int64_t n, int64_t d) {
            return n / d - (n % d < 0 ? 1 : 0);
          };
          int64_t i = floored(b * p + 6 + q, divisor);
          int64_t want = std::min(i * 2 + q, floored(i + 3, 2)) +
                         std::max(b * p + 1, 3 + q);
          EXPECT(whole.evaluate(at), std::to_string(want));
          EXPECT(whole.substitute([&](std::string_view name) {
            return std::optional<Dim>(*at(name));
          }),
                 std::to_string(want));
          if (whole.isKnownNonNegative() && want < 0)
            same(__LINE__, std::to_string(want), "not negative");
        }
      }
}

int main() {
  normalForms();
  saturation();
  exactDivision();
  flooredDivision();
  minimaAndMaxima();
  bounds();
  substitution();
  evaluation();
  symbols();
  againstNumbers();
  return failures ? 1 : 0;
}
