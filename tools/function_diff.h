//===- tools/function_diff.h - What a pass changed in a function ----------===//
#ifndef NNC_TOOLS_FUNCTION_DIFF_H
#define NNC_TOOLS_FUNCTION_DIFF_H

#include <string>

namespace nnc {

/// A function as text, twice: with constants as they are to be shown, and with
/// all of their elements.
struct FunctionText {
  std::string shown, full;
};

/// The lines that went, behind `-`, and that came, behind `+`, with a line
/// around each group. Values that only have another number are the same: all
/// go by their names in `after`. Those that are gone have a prime, `%9'`.
std::string functionDiff(const FunctionText &before, const FunctionText &after);

} // namespace nnc

#endif // NNC_TOOLS_FUNCTION_DIFF_H
