//===- write.h: graph functions as a program in .nn -----------------------===//
//
// The way back from the IR: each function becomes a net whose text compiles to
// a function that computes the same. Names come from the program where the IR
// still has them; axes whose names are gone get new ones where a contraction
// needs them.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_WRITE_H
#define NNC_FRONTEND_WRITE_H

#include "ir/op.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnc {

/// A function at the graph stage, what to call it, and a comment for the line
/// above.
struct NetToWrite {
  const Function *function;
  std::string name;
  std::string comment;
};

/// What has no spelling, and where it stands.
struct NoSpelling {
  std::string message;
  Location location;
};

struct WrittenNets {
  std::string text; ///< A file in the standard layout.
  /// For each net, which of the function's arguments its inputs are; those
  /// that nothing uses are left out.
  std::vector<std::vector<int64_t>> arguments;
  std::optional<NoSpelling> failure; ///< Then there is no text.
};

WrittenNets writeNets(const std::vector<NetToWrite> &nets);

/// Whether an op has a spelling in the language.
bool hasSpelling(std::string_view op);

} // namespace nnc

#endif // NNC_FRONTEND_WRITE_H
