//===- tools/data_shape.h - What a data file says of itself ---------------===//
#ifndef NNC_TOOLS_DATA_SHAPE_H
#define NNC_TOOLS_DATA_SHAPE_H

#include "frontend/elaborate.h"

namespace nnc {

/// Reads an idx file's header with the runtime's own reader.
DataShape readDataShape(const std::string &path);

} // namespace nnc

#endif // NNC_TOOLS_DATA_SHAPE_H
