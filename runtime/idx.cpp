//===- runtime/idx.cpp ----------------------------------------------------===//
#include "runtime/idx.h"

#include <bit>
#include <cinttypes>

namespace nnrt {

static bool typeOf(unsigned char code, RawType &type) {
  switch (code) {
  case 0x08:
    type = RawType::U8;
    return true;
  case 0x09:
    type = RawType::I8;
    return true;
  case 0x0B:
    type = RawType::I16;
    return true;
  case 0x0C:
    type = RawType::I32;
    return true;
  case 0x0D:
    type = RawType::F32;
    return true;
  case 0x0E:
    type = RawType::F64;
    return true;
  default:
    return false;
  }
}

static bool readHeader(InputFile &file, IdxHeader &header, Error &error) {
  unsigned char bytes[4];
  int64_t got = file.read(bytes, 4, error);
  if (got < 0)
    return false;
  if (got == 0)
    return error.set("%s: is empty", file.path());
  if (got < 4 || bytes[0] || bytes[1] || !typeOf(bytes[2], header.type))
    return error.set("%s: is not an idx file: it must begin with two zero "
                     "bytes and an element type",
                     file.path());
  if (bytes[3] == 0 || bytes[3] > maxRank)
    return error.set("%s: its header gives %d axes; an idx file has 1 to %d",
                     file.path(), bytes[3], maxRank);
  header.shape = {};
  header.shape.rank = bytes[3];
  for (int32_t axis = 0; axis < header.shape.rank; ++axis) {
    got = file.read(bytes, 4, error);
    if (got < 0)
      return false;
    if (got < 4)
      return error.set("%s: is truncated inside its header", file.path());
    header.shape.extents[axis] = int64_t(bytes[0]) << 24 |
                                 int64_t(bytes[1]) << 16 |
                                 int64_t(bytes[2]) << 8 | int64_t(bytes[3]);
  }
  return true;
}

bool readIdxHeader(const char *path, IdxHeader &header, Error &error) {
  InputFile file;
  return file.open(path, error) && readHeader(file, header, error);
}

template <typename T> static void swapBytes(void *data, int64_t count) {
  T *items = static_cast<T *>(data);
  for (int64_t i = 0; i < count; ++i)
    if constexpr (sizeof(T) == 2)
      items[i] = __builtin_bswap16(items[i]);
    else if constexpr (sizeof(T) == 4)
      items[i] = __builtin_bswap32(items[i]);
    else
      items[i] = __builtin_bswap64(items[i]);
}

/// One more read finds data that the header does not know of, and checks the
/// checksum at the end of a compressed file.
static bool isAtEnd(InputFile &file, const Text &extents, Error &error) {
  char extra;
  int64_t got = file.read(&extra, 1, error);
  if (got < 0)
    return false;
  return got == 0 || error.set("%s: has more data than the %s of its header",
                               file.path(), extents.c_str());
}

bool readIdx(const char *path, const Examples *some, Tensor &tensor,
             Error &error) {
  InputFile file;
  IdxHeader header;
  if (!file.open(path, error) || !readHeader(file, header, error))
    return false;
  const Shape &whole = header.shape;
  Text extents = shapeText(whole.extents, whole.rank);
  int64_t bytes;
  if (!checkedProduct(whole.extents, whole.rank, rawSize(header.type), bytes))
    return error.set("%s: its header's size %s overflows", path,
                     extents.c_str());
  tensor.type = header.type;
  tensor.shape = whole;
  int64_t first = 0, wanted = bytes, got = 0;
  if (some) {
    if (!some->areIn(whole, path, error))
      return false;
    int64_t example = bytes / whole.extents[0];
    first = some->from * example;
    wanted = some->count() * example;
    tensor.shape.extents[0] = some->count();
    if (!file.skip(first, error))
      return !*error.message() &&
             error.set("%s: is truncated before example %" PRId64, path,
                       some->from);
  }
  if (!file.readBuffer(tensor.storage, wanted, got, error))
    return false;
  if (got < wanted)
    return error.set("%s: is truncated: its header gives %s, which is %" PRId64
                     " bytes, but %" PRId64 " follow",
                     path, extents.c_str(), bytes, first + got);
  if (!some && !isAtEnd(file, extents, error))
    return false;
  tensor.data = tensor.storage.data();
  if constexpr (std::endian::native == std::endian::little) {
    int64_t count = tensor.count();
    switch (rawSize(tensor.type)) {
    case 2:
      swapBytes<uint16_t>(tensor.storage.data(), count);
      break;
    case 4:
      swapBytes<uint32_t>(tensor.storage.data(), count);
      break;
    case 8:
      swapBytes<uint64_t>(tensor.storage.data(), count);
      break;
    default:
      break;
    }
  }
  return true;
}

} // namespace nnrt
