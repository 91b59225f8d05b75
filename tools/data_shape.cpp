#include "tools/data_shape.h"

#include "runtime/idx.h"

namespace nnc {

DataShape readDataShape(const std::string &path) {
  DataShape result;
  nnrt::IdxHeader header;
  nnrt::Error error;
  if (!nnrt::readIdxHeader(path.c_str(), header, error)) {
    result.error = error.message();
    return result;
  }
  for (int axis = 0; axis < header.shape.rank; ++axis)
    result.extents.push_back(header.shape.extents[axis]);
  result.integer =
      header.type != nnrt::RawType::F32 && header.type != nnrt::RawType::F64;
  return result;
}

} // namespace nnc
