//===- tools/at_sizes.h - Types at given sizes ----------------------------===//
#ifndef NNC_TOOLS_AT_SIZES_H
#define NNC_TOOLS_AT_SIZES_H

#include "ir/op.h"

#include <map>

namespace nnc {

/// A dimension that is not there is 1.
using Sizes = std::map<std::string, int64_t>;

Dim at(const Dim &dim, const Sizes &sizes);
Type at(const Type &type, const Sizes &sizes);

/// With the sizes that a net has where none is given: `net Draw[N = 8]()`.
Sizes withDefaults(Sizes sizes, const Function &function);

/// "B = 1, T = 100"; nothing if all sizes are constant.
std::string sizesText(const Function &function, const Sizes &sizes);

} // namespace nnc

#endif // NNC_TOOLS_AT_SIZES_H
