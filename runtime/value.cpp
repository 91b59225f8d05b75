//===- runtime/value.cpp --------------------------------------------------===//
#include "runtime/value.h"
#include "runtime/csv.h"
#include "runtime/idx.h"
#include "runtime/image.h"
#include "runtime/literal.h"
#include "runtime/npy.h"
#include "runtime/npz.h"

#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <unistd.h>

namespace nnrt {

static bool hasSuffix(const char *path, const char *suffix) {
  size_t length = std::strlen(path), end = std::strlen(suffix);
  return length >= end && !std::strcmp(path + length - end, suffix);
}

/// The bytes of a text.
static bool readText(const char *path, Tensor &tensor, Error &error) {
  Text text;
  if (!readWholeFile(path, int64_t(1) << 36, text, error))
    return false;
  tensor.type = RawType::U8;
  tensor.shape = {1, {text.size()}};
  if (!tensor.allocate(path, error))
    return false;
  std::memcpy(tensor.storage.data(), text.c_str(), size_t(text.size()));
  return true;
}

/// Takes the suffix that selects examples off `path`.
static bool splitSuffix(Text &path, bool &selected, int64_t &from, int64_t &to,
                        double &divisor, Error &error) {
  selected = false;
  divisor = 1;
  const char *text = path.c_str();
  // A file that has this very name is meant.
  if (access(text, F_OK) == 0)
    return true;
  const char *open = std::strrchr(text, '['), *colon = std::strrchr(text, ':');
  const char *cut = open ? open : colon;
  if (!cut)
    return true;
  char *stop;
  from = std::strtoll(cut + 1, &stop, 10);
  to = from;
  bool valid = stop != cut + 1 && from >= 0;
  if (open && *stop == ':') {
    const char *second = stop + 1;
    to = std::strtoll(second, &stop, 10) - 1;
    valid = valid && stop != second && to >= from;
  }
  if (open) {
    valid = valid && *stop++ == ']';
    if (valid && *stop == '/') {
      valid = parseNumber(stop + 1, text + path.size(), divisor) && divisor;
      stop = const_cast<char *>(text) + path.size();
    }
  }
  if (!valid || *stop)
    return error.set("'%s': a file is followed by [i], [i:j] or [i]/N", text);
  selected = true;
  Text shorter;
  shorter.append(text, cut - text);
  path = std::move(shorter);
  return true;
}

/// A file of any format, which its first bytes tell or, for csv and text, its
/// name.
static bool readArray(const char *path, Tensor &tensor, bool &reshape,
                      Error &error) {
  unsigned char start[4] = {};
  {
    InputFile file;
    if (!file.open(path, error) || file.read(start, 4, error) < 0)
      return false;
  }
  reshape = false;
  if (start[0] == 0x93)
    return readNpy(path, tensor, error);
  if (start[0] == 'P' && start[1] == 'K')
    return readNpz(path, nullptr, tensor, error);
  reshape = true;
  if (start[0] == 0x89 || isPnm(reinterpret_cast<char *>(start), 4))
    return readImages(path, 1, tensor, error);
  if (start[0] == 0 && start[1] == 0)
    return readIdx(path, tensor, error);
  if (hasSuffix(path, ".csv"))
    return readCsv(path, tensor, error);
  if (hasSuffix(path, ".txt"))
    return readText(path, tensor, error);
  return error.set("%s: what kind of file this is, neither its beginning nor "
                   "its name tells: idx, npy, npz, PPM, PGM, PNG, .csv and "
                   ".txt are read",
                   path);
}

bool readValue(const char *text, Tensor &tensor, bool &reshape, Error &error) {
  if (looksLikeLiteral(text)) {
    reshape = std::strchr(text, '"');
    return parseLiteral(text, tensor, error);
  }
  Text path(text);
  bool selected;
  int64_t from = 0, to = 0;
  double divisor;
  if (!splitSuffix(path, selected, from, to, divisor, error))
    return false;
  Tensor whole;
  if (!readArray(path.c_str(), whole, reshape, error))
    return false;
  if (!selected) {
    tensor = std::move(whole);
    return true;
  }
  if (whole.shape.rank == 0 || to >= whole.shape.extents[0])
    return error.set("%s: example %" PRId64 " is out of range: there are "
                     "%" PRId64,
                     path.c_str(), to,
                     whole.shape.rank ? whole.shape.extents[0] : 0);
  int64_t example = elementCount(whole.shape.extents + 1, whole.shape.rank - 1);
  tensor.shape = whole.shape;
  tensor.shape.extents[0] = to - from + 1;
  tensor.type = divisor == 1 ? whole.type : RawType::F64;
  if (!tensor.allocate(path.c_str(), error))
    return false;
  int64_t count = tensor.count(), size = rawSize(whole.type);
  const char *source =
      static_cast<const char *>(whole.data) + from * example * size;
  if (divisor == 1)
    std::memcpy(tensor.storage.data(), source, size_t(count * size));
  else
    for (int64_t i = 0; i < count; ++i)
      static_cast<double *>(tensor.storage.data())[i] =
          elementAsDouble(whole.type, source, i) / divisor;
  return true;
}

void fitRank(Shape &shape, int32_t rank) {
  while (shape.rank < rank && shape.rank < maxRank) {
    std::copy_backward(shape.extents, shape.extents + shape.rank,
                       shape.extents + shape.rank + 1);
    shape.extents[0] = 1;
    ++shape.rank;
  }
  for (int32_t axis = 0; axis < shape.rank && shape.rank > rank;) {
    if (shape.extents[axis] != 1) {
      ++axis;
      continue;
    }
    std::copy(shape.extents + axis + 1, shape.extents + shape.rank,
              shape.extents + axis);
    --shape.rank;
  }
}

} // namespace nnrt
