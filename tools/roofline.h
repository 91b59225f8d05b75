//===- tools/roofline.h - How fast a machine can be at best ---------------===//
//
// A computation takes at least as long as its arithmetic takes at the machine's
// peak, and at least as long as its operands take to come from memory
// (Williams, Waterman and Patterson, "Roofline", CACM 52(4), 2009).
//
//===----------------------------------------------------------------------===//
#ifndef NNC_TOOLS_ROOFLINE_H
#define NNC_TOOLS_ROOFLINE_H

#include "codegen/target.h"
#include "ir/type.h"

#include <cstdint>
#include <optional>
#include <string>

namespace nnc {

struct Roofline {
  double flops = 0;   ///< A second; a multiply-add is two.
  double bytes = 0;   ///< A second, to or from memory.
  std::string source; ///< "given by --peak"

  /// At least; only multiply-adds are counted as arithmetic.
  double seconds(int64_t multiplyAdds, int64_t bytesMoved) const;
};

/// Reads "GFLOP/s,GB/s".
std::optional<Roofline> parseRoofline(const std::string &text);

/// Measures this machine, which must have the instructions of `target`, for
/// some hundredths of a second: the shared micro-kernel on operands in the
/// caches, and copies of what is too large for these, by all threads at once.
Roofline measureRoofline(const Target &target, Elem elem, unsigned threads);

/// Cores that this process may use; taskset takes some away.
unsigned coresHere();

} // namespace nnc

#endif // NNC_TOOLS_ROOFLINE_H
