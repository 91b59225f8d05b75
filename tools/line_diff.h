//===- tools/line_diff.h - Which lines of two texts are the same ----------===//
#ifndef NNC_TOOLS_LINE_DIFF_H
#define NNC_TOOLS_LINE_DIFF_H

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nnc {

/// Pairs of places at which `before` and `after` have the same line, both in
/// rising order. There are as many as there can be where the texts differ
/// little (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986).
/// Where they differ much some may be left out, so that the time does not grow
/// with the square of their length.
std::vector<std::pair<size_t, size_t>>
sameLines(std::span<const std::string> before,
          std::span<const std::string> after);

} // namespace nnc

#endif // NNC_TOOLS_LINE_DIFF_H
