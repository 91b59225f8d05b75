#include "tools/data_shape.h"

#include "runtime/idx.h"
#include "runtime/image.h"
#include "runtime/npy.h"
#include "runtime/npz.h"

namespace nnc {

static bool readType(DataSource::Kind kind, const DataColumn &column,
                     nnrt::RawType &type, nnrt::Shape &shape,
                     nnrt::Error &error) {
  const char *path = column.path.c_str();
  if (kind == DataSource::Idx) {
    nnrt::IdxHeader header;
    if (!nnrt::readIdxHeader(path, header, error))
      return false;
    type = header.type;
    shape = header.shape;
    return true;
  }
  if (kind == DataSource::Npy) {
    nnrt::InputFile file;
    nnrt::NpyHeader header;
    if (!file.open(path, error) || !nnrt::readNpyHeader(file, header, error))
      return false;
    type = header.type;
    shape = header.shape;
    return shape.rank > 0 || error.set("%s: has no axis of examples", path);
  }
  nnrt::Tensor tensor;
  if (!(kind == DataSource::Npz
            ? nnrt::readNpz(path, column.member.c_str(), tensor, error)
            : nnrt::readImages(path, 1, tensor, error)))
    return false;
  type = tensor.type;
  shape = tensor.shape;
  return shape.rank > 0 || error.set("%s: has no axis of examples", path);
}

DataShape readDataShape(DataSource::Kind kind, const DataColumn &column) {
  DataShape result;
  nnrt::RawType type;
  nnrt::Shape shape;
  nnrt::Error error;
  if (!readType(kind, column, type, shape, error)) {
    result.error = error.message();
    return result;
  }
  for (int axis = 0; axis < shape.rank; ++axis)
    result.extents.push_back(shape.extents[axis]);
  bool isFloat = type == nnrt::RawType::F32 || type == nnrt::RawType::F64;
  result.elements = isFloat                       ? DataShape::Float
                    : type == nnrt::RawType::Bool ? DataShape::Boolean
                                                  : DataShape::Whole;
  return result;
}

} // namespace nnc
