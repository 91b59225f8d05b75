#include "tools/line_diff.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace nnc {

namespace {

/// After so many lines that differ, what has been matched so far is taken.
constexpr int64_t mostEdits = 256;

/// Lines by numbers: two are the same if their numbers are.
using Lines = std::span<const int64_t>;

/// How far a text matches, if it differs in `d` lines: in `reach[d][k + d]` the
/// furthest place in `a` on the diagonal k, that is, where the place in `a` is
/// k ahead of that in `b`.
class Match {
public:
  Match(Lines a, Lines b) : a(a), b(b) {}

  /// Gives the matched places of a part, from the start of both on, and how
  /// long that part is in each.
  std::pair<int64_t, int64_t> run(std::vector<std::pair<size_t, size_t>> &found,
                                  size_t fromA, size_t fromB) {
    int64_t d = 0, k = 0;
    for (;; ++d) {
      reach.emplace_back(2 * d + 1);
      for (k = -d; k <= d; k += 2) {
        reach[d][k + d] = furthest(d, k);
        if (isEnd(reach[d][k + d], k))
          break;
      }
      if (k <= d || d == mostEdits)
        break;
    }
    if (k > d)
      k = best(d);
    int64_t x = reach[d][k + d], y = x - k;
    std::pair<int64_t, int64_t> length(x, y);
    std::vector<std::pair<size_t, size_t>> back;
    for (; d >= 0; --d) {
      int64_t start = startOf(d, k);
      for (; x > start; --x, --y)
        back.emplace_back(fromA + x - 1, fromB + y - 1);
      if (d == 0)
        break;
      k += takesFromB(d, k) ? 1 : -1;
      x = reach[d - 1][k + d - 1];
      y = x - k;
    }
    found.insert(found.end(), back.rbegin(), back.rend());
    return length;
  }

private:
  /// Whether the last of `d` lines that differ is one of b alone.
  bool takesFromB(int64_t d, int64_t k) const {
    return k == -d || (k != d && reach[d - 1][k - 1 + d - 1] <
                                     reach[d - 1][k + 1 + d - 1]);
  }

  /// The place in a behind that line.
  int64_t startOf(int64_t d, int64_t k) const {
    if (d == 0)
      return 0;
    return takesFromB(d, k) ? reach[d - 1][k + 1 + d - 1]
                            : reach[d - 1][k - 1 + d - 1] + 1;
  }

  int64_t furthest(int64_t d, int64_t k) const {
    auto sizeA = static_cast<int64_t>(a.size());
    auto sizeB = static_cast<int64_t>(b.size());
    int64_t x = startOf(d, k);
    while (x < sizeA && x - k < sizeB && x - k >= 0 && a[x] == b[x - k])
      ++x;
    return x;
  }

  bool isInside(int64_t x, int64_t k) const {
    return x <= static_cast<int64_t>(a.size()) &&
           x - k <= static_cast<int64_t>(b.size());
  }

  bool isEnd(int64_t x, int64_t k) const {
    return x >= static_cast<int64_t>(a.size()) &&
           x - k >= static_cast<int64_t>(b.size());
  }

  /// The diagonal on which most of both is behind.
  int64_t best(int64_t d) const {
    int64_t found = 0, most = -1;
    for (int64_t k = -d; k <= d; k += 2)
      if (int64_t x = reach[d][k + d]; isInside(x, k) && 2 * x - k > most) {
        most = 2 * x - k;
        found = k;
      }
    return found;
  }

  Lines a, b;
  std::vector<std::vector<int64_t>> reach;
};

} // namespace

std::vector<std::pair<size_t, size_t>>
sameLines(std::span<const std::string> before,
          std::span<const std::string> after) {
  std::unordered_map<std::string_view, int64_t> numbers;
  auto numbered = [&](std::span<const std::string> lines) {
    std::vector<int64_t> result;
    for (const std::string &line : lines)
      result.push_back(
          numbers.try_emplace(line, static_cast<int64_t>(numbers.size()))
              .first->second);
    return result;
  };
  std::vector<int64_t> a = numbered(before), b = numbered(after);
  std::vector<std::pair<size_t, size_t>> found;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    auto [x, y] =
        Match(Lines(a).subspan(i), Lines(b).subspan(j)).run(found, i, j);
    i += static_cast<size_t>(x);
    j += static_cast<size_t>(y);
  }
  return found;
}

} // namespace nnc
