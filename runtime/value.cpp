//===- runtime/value.cpp --------------------------------------------------===//
#include "runtime/value.h"
#include "runtime/codec.h"
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

/// What follows a file's name: `[i]`, `[i:j]`, `[i]/N` or `:i`.
struct Suffix {
  bool selects = false;
  Examples examples;
  double divisor = 1;
};

/// Takes the suffix off `path`.
static bool splitSuffix(Text &path, Suffix &suffix, Error &error) {
  auto &[from, to] = suffix.examples;
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
      valid = parseNumber(stop + 1, text + path.size(), suffix.divisor) &&
              suffix.divisor;
      stop = const_cast<char *>(text) + path.size();
    }
  }
  if (!valid || *stop)
    return error.set("'%s': a file is followed by [i], [i:j] or [i]/N", text);
  suffix.selects = true;
  Text shorter;
  shorter.append(text, cut - text);
  path = std::move(shorter);
  return true;
}

/// A file of any format, which its first bytes tell or, for csv and text, its
/// name. Where nothing after the examples need be read, just these are, and
/// selected no more.
static bool readArray(const char *path, Suffix &suffix, Value &value,
                      Error &error) {
  unsigned char start[4] = {};
  {
    InputFile file;
    if (!file.open(path, error) || file.read(start, 4, error) < 0)
      return false;
  }
  if (start[0] == 0x93)
    return readNpy(path, value.tensor, error);
  if (start[0] == 'P' && start[1] == 'K')
    return readNpz(path, nullptr, value.tensor, error);
  value.reshape = true;
  if (start[0] == 0x89 || isPnm(reinterpret_cast<char *>(start), 4))
    return readImages(path, 1, value.tensor, error);
  if (start[0] == 0 && start[1] == 0) {
    Examples &some = suffix.examples;
    bool read =
        readIdx(path, suffix.selects ? &some : nullptr, value.tensor, error);
    some = {0, some.to - some.from};
    return read;
  }
  if (hasSuffix(path, ".csv"))
    return readCsv(path, value.tensor, error);
  if (hasSuffix(path, ".txt")) {
    Text text;
    value.isText = true;
    return readWholeFile(path, int64_t(1) << 36, text, error) &&
           encode(text.c_str(), text.size(), value.tensor, error);
  }
  return error.set("%s: what kind of file this is, neither its beginning nor "
                   "its name tells: idx, npy, npz, PPM, PGM, PNG, .csv and "
                   ".txt are read",
                   path);
}

/// Whether a file is meant, which there need not be.
static bool namesFile(const char *given) {
  Text path(given);
  Suffix suffix;
  Error ignored;
  if (!splitSuffix(path, suffix, ignored))
    return false;
  for (const char *ending :
       {".txt", ".csv", ".npy", ".npz", ".gz", ".png", ".pgm", ".ppm", ".pbm"})
    if (hasSuffix(path.c_str(), ending))
      return true;
  return access(path.c_str(), F_OK) == 0;
}

/// The examples that were selected.
static bool select(const Tensor &whole, const char *path, const Suffix &suffix,
                   Tensor &tensor, Error &error) {
  auto &[selects, examples, divisor] = suffix;
  if (!examples.areIn(whole.shape, path, error))
    return false;
  int64_t example = elementCount(whole.shape.extents + 1, whole.shape.rank - 1);
  tensor.shape = whole.shape;
  tensor.shape.extents[0] = examples.count();
  tensor.type = divisor == 1 ? whole.type : RawType::F64;
  if (!tensor.allocate(path, error))
    return false;
  int64_t count = tensor.count(), size = rawSize(whole.type);
  const char *source =
      static_cast<const char *>(whole.data) + examples.from * example * size;
  if (divisor == 1)
    std::memcpy(tensor.storage.data(), source, size_t(count * size));
  else
    for (int64_t i = 0; i < count; ++i)
      static_cast<double *>(tensor.storage.data())[i] =
          elementAsDouble(whole.type, source, i) / divisor;
  return true;
}

bool readValue(const char *given, bool expected, Value &value, Error &error) {
  const char *start = given + std::strspn(given, " ");
  value.isText = *start == '"';
  if (expected && *start != '[' && *start != '"' && !namesFile(given)) {
    value.isText = value.reshape = true;
    return encode(given, int64_t(std::strlen(given)), value.tensor, error);
  }
  if (looksLikeLiteral(given)) {
    value.reshape = value.isText;
    return parseLiteral(given, value.tensor, error);
  }
  Text path(given);
  Suffix suffix;
  if (!splitSuffix(path, suffix, error) ||
      !readArray(path.c_str(), suffix, value, error))
    return false;
  if (!suffix.selects)
    return true;
  Tensor whole = std::move(value.tensor);
  value.tensor = Tensor();
  return select(whole, path.c_str(), suffix, value.tensor, error);
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
