//===- runtime/npy.cpp ----------------------------------------------------===//
#include "runtime/npy.h"

#include <algorithm>
#include <cctype>
#include <cinttypes>
#include <cstring>

namespace nnrt {

static const struct {
  const char *descr;
  RawType type;
} npyTypes[] = {
    {"<f4", RawType::F32}, {"<f8", RawType::F64}, {"<i4", RawType::I32},
    {"<i8", RawType::I64}, {"<i2", RawType::I16}, {"<u2", RawType::U16},
    {"|i1", RawType::I8},  {"|u1", RawType::U8},  {"|b1", RawType::Bool}};

/// The text after `'key':` in the header, or null. The header is a literal of
/// Python whose keys NumPy always writes in this form.
static const char *valueOf(const char *header, const char *key) {
  const char *at = std::strstr(header, key);
  if (!at)
    return nullptr;
  at += std::strlen(key);
  while (*at == ' ')
    ++at;
  return at;
}

static bool parseShape(const char *at, Shape &shape) {
  if (*at++ != '(')
    return false;
  shape = {};
  for (;;) {
    while (*at == ' ' || *at == ',')
      ++at;
    if (*at == ')')
      return true;
    if (!std::isdigit((unsigned char)*at) || shape.rank == maxRank)
      return false;
    int64_t extent = 0;
    for (; std::isdigit((unsigned char)*at); ++at)
      if (__builtin_mul_overflow(extent, int64_t(10), &extent) ||
          __builtin_add_overflow(extent, int64_t(*at - '0'), &extent))
        return false;
    shape.extents[shape.rank++] = extent;
  }
}

bool readNpyHeader(InputFile &file, NpyHeader &header, Error &error) {
  const char *path = file.path();
  unsigned char start[12];
  int64_t got = file.read(start, 8, error);
  if (got < 0)
    return false;
  if (got == 0)
    return error.set("%s: is empty", path);
  if (got < 8 || std::memcmp(start, "\x93NUMPY", 6))
    return error.set("%s: is not a numpy file", path);
  int64_t lengthBytes = start[6] == 1 ? 2 : 4, length = 0;
  if (start[6] < 1 || start[6] > 3)
    return error.limit("%s: has version %d of the numpy format", path,
                       start[6]);
  got = file.read(start + 8, lengthBytes, error);
  for (int64_t i = lengthBytes; i--;)
    length = length << 8 | start[8 + i];
  if (got < lengthBytes || length > 1 << 20)
    return error.set("%s: has a malformed numpy header", path);
  Array<char> chars;
  chars.resize(length + 1);
  got = file.read(chars.data(), length, error);
  if (got < length)
    return got >= 0 && error.set("%s: is truncated inside its header", path);
  const char *descr = valueOf(chars.data(), "'descr':");
  const char *order = valueOf(chars.data(), "'fortran_order':");
  const char *shape = valueOf(chars.data(), "'shape':");
  if (!descr || !order || !shape || !parseShape(shape, header.shape))
    return error.set("%s: has a malformed numpy header", path);
  header.rowMajor = std::strncmp(order, "True", 4) != 0;
  for (const auto &type : npyTypes)
    if (*descr && !std::strncmp(descr + 1, type.descr, 3) &&
        descr[4] == *descr) {
      header.type = type.type;
      return true;
    }
  // A text in quotes, or the fields of a record.
  size_t shown = *descr == '\'' ? std::strcspn(descr + 1, "'") + 2
                                : std::strcspn(descr, "}");
  return error.limit("%s: has the element type %.*s, which is not supported; "
                     "f4, f8, i1, i2, i4, i8, u1, u2 and b1 are",
                     path, int(std::min<size_t>(shown, 40)), descr);
}

/// Reverses the order of the axes in memory: column-major becomes row-major.
static bool toRowMajor(Tensor &tensor, const char *path, Error &error) {
  Buffer source;
  source.swap(tensor.storage);
  if (!tensor.allocate(path, error))
    return false;
  int32_t rank = tensor.shape.rank;
  int64_t size = rawSize(tensor.type), index[maxRank] = {}, stride[maxRank];
  for (int64_t axis = 0, step = 1; axis < rank; ++axis) {
    stride[axis] = step;
    step *= tensor.shape.extents[axis];
  }
  int64_t from = 0, count = tensor.count();
  for (int64_t to = 0; to < count; ++to) {
    std::memcpy(static_cast<char *>(tensor.storage.data()) + to * size,
                static_cast<char *>(source.data()) + from * size, size_t(size));
    for (int32_t axis = rank; axis--;) {
      from += stride[axis];
      if (++index[axis] < tensor.shape.extents[axis])
        break;
      from -= stride[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return true;
}

bool readNpy(InputFile &file, Tensor &tensor, Error &error) {
  const char *path = file.path();
  NpyHeader header;
  if (!readNpyHeader(file, header, error))
    return false;
  tensor.type = header.type;
  tensor.shape = header.shape;
  Text extents = shapeText(header.shape.extents, header.shape.rank);
  int64_t bytes, got = 0;
  if (!checkedProduct(tensor.shape.extents, tensor.shape.rank,
                      rawSize(tensor.type), bytes))
    return error.set("%s: its header's size %s overflows", path,
                     extents.c_str());
  if (!file.readBuffer(tensor.storage, bytes, got, error))
    return false;
  if (got < bytes)
    return error.set("%s: is truncated: its header gives %s, which is %" PRId64
                     " bytes, but %" PRId64 " follow",
                     path, extents.c_str(), bytes, got);
  char extra;
  got = file.read(&extra, 1, error);
  if (got)
    return got > 0 && error.set("%s: has more data than the %s of its header",
                                path, extents.c_str());
  tensor.data = tensor.storage.data();
  return header.rowMajor || tensor.shape.rank < 2 ||
         toRowMajor(tensor, path, error);
}

bool readNpy(const char *path, Tensor &tensor, Error &error) {
  InputFile file;
  return file.open(path, error) && readNpy(file, tensor, error);
}

Text formatNpyHeader(ElemType elem, const int64_t *extents, int32_t rank) {
  const char *const descrs[] = {"|b1", "<i4", "<i8", "<f4", "<f8"};
  Text fields;
  fields.format("{'descr': '%s', 'fortran_order': False, 'shape': (",
                descrs[int(elem)]);
  for (int32_t i = 0; i < rank; ++i)
    fields.format("%" PRId64 ",%s", extents[i], i + 1 < rank ? " " : "");
  fields.append("), }");
  while ((10 + fields.size() + 1) % 64)
    fields.append(" ");
  fields.append("\n");
  const char length[] = {char(fields.size()), char(fields.size() >> 8)};
  Text header;
  header.append("\x93NUMPY\1\0", 8).append(length, 2);
  return std::move(header.append(fields.c_str(), fields.size()));
}

} // namespace nnrt
