//===- tools/data_shape.h - What a data file says of itself ---------------===//
#ifndef NNC_TOOLS_DATA_SHAPE_H
#define NNC_TOOLS_DATA_SHAPE_H

#include "frontend/elaborate.h"

namespace nnc {

/// Reads the header of a column's file with the runtime's own reader.
DataShape readDataShape(DataSource::Kind kind, const DataColumn &column);

} // namespace nnc

#endif // NNC_TOOLS_DATA_SHAPE_H
