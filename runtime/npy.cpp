//===- runtime/npy.cpp ----------------------------------------------------===//
#include "runtime/npy.h"
#include "runtime/atomic_file.h"
#include "runtime/input_file.h"

#include <cctype>
#include <cinttypes>
#include <cstring>

namespace nnrt {

static const struct {
  const char *descr;
  RawType type;
} npyTypes[] = {{"<f4", RawType::F32}, {"<f8", RawType::F64},
                {"<i4", RawType::I32}, {"<i8", RawType::I64},
                {"<i2", RawType::I16}, {"|i1", RawType::I8},
                {"|u1", RawType::U8},  {"|b1", RawType::Bool}};

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

bool readNpy(const char *path, bool &isNpy, Tensor &tensor, Error &error) {
  isNpy = false;
  InputFile file;
  if (!file.open(path, error))
    return false;
  unsigned char start[12];
  int64_t got = file.read(start, 8, error);
  if (got < 8 || std::memcmp(start, "\x93NUMPY", 6))
    return error.set("%s: is not a numpy file", path);
  isNpy = true;
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
  if (file.read(chars.data(), length, error) < length)
    return error.set("%s: is truncated inside its header", path);
  const char *descr = valueOf(chars.data(), "'descr':");
  const char *order = valueOf(chars.data(), "'fortran_order':");
  const char *shape = valueOf(chars.data(), "'shape':");
  if (!descr || !order || !shape || !parseShape(shape, tensor.shape))
    return error.set("%s: has a malformed numpy header", path);
  if (std::strncmp(order, "False", 5))
    return error.limit("%s: is in Fortran order, which is not supported", path);
  bool known = false;
  for (const auto &type : npyTypes)
    if (!std::strncmp(descr + 1, type.descr, 3) && descr[4] == *descr) {
      tensor.type = type.type;
      known = true;
    }
  if (!known)
    return error.limit("%s: has the element type %.8s, which is not "
                       "supported; f4, f8, i4 and i8 are",
                       path, descr);
  int64_t bytes;
  if (!checkedProduct(tensor.shape.extents, tensor.shape.rank,
                      rawSize(tensor.type), bytes))
    return error.set("%s: its size overflows", path);
  if (file.plainSize() >= 0 && bytes > file.plainSize())
    return error.set("%s: is truncated: its header gives %" PRId64
                     " bytes of data",
                     path, bytes);
  if (!tensor.allocate(path, error))
    return false;
  got = file.read(tensor.storage.data(), bytes, error);
  if (got >= 0 && got < bytes)
    return error.set("%s: is truncated: its header gives %" PRId64
                     " bytes of data, but %" PRId64 " follow",
                     path, bytes, got);
  return got == bytes;
}

bool writeNpy(const char *path, ElemType elem, const void *data,
              const int64_t *extents, int32_t rank, Error &error) {
  const char *const descrs[] = {"|b1", "<i4", "<i8", "<f4", "<f8"};
  Text header;
  header.format("{'descr': '%s', 'fortran_order': False, 'shape': (",
                descrs[int(elem)]);
  for (int32_t i = 0; i < rank; ++i)
    header.format("%" PRId64 ",%s", extents[i], i + 1 < rank ? " " : "");
  header.append("), }");
  while ((10 + header.size() + 1) % 64)
    header.append(" ");
  header.append("\n");
  unsigned char start[10] = {0x93,
                             'N',
                             'U',
                             'M',
                             'P',
                             'Y',
                             1,
                             0,
                             (unsigned char)(header.size() & 255),
                             (unsigned char)(header.size() >> 8)};
  AtomicFile file;
  return file.open(path, error) && file.write(start, 10, error) &&
         file.write(header.c_str(), header.size(), error) &&
         file.write(data, elementCount(extents, rank) * elemSize(elem),
                    error) &&
         file.commit(error);
}

} // namespace nnrt
