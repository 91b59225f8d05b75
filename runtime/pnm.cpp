//===- runtime/pnm.cpp - PBM, PGM and PPM, ASCII and binary ---------------===//
#include "runtime/image.h"

#include <cctype>
#include <cinttypes>

namespace nnrt {

bool isPnm(const char *bytes, int64_t length) {
  return length > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
         (std::isspace((unsigned char)bytes[2]) || bytes[2] == '#');
}

namespace {
class Reader {
public:
  Reader(const char *path, const char *bytes, int64_t length, Error &error)
      : path(path), at(bytes), end(bytes + length), error(error) {}

  bool read(Tensor &image);

private:
  bool number(int64_t limit, const char *what, int64_t &value);
  bool sample(int64_t kind, int64_t maximum, int64_t &value);
  bool truncated() { return error.set("%s: is truncated", path); }

  const char *path, *at, *end;
  Error &error;
  int bit = 0; ///< PBM: of the byte before `at`, the bits not yet read.
};
} // namespace

/// A number after blanks and comments.
bool Reader::number(int64_t limit, const char *what, int64_t &value) {
  while (at != end && (std::isspace((unsigned char)*at) || *at == '#'))
    if (*at++ == '#')
      while (at != end && *at != '\n')
        ++at;
  if (at == end)
    return truncated();
  const char *start = at;
  for (value = 0; at != end && std::isdigit((unsigned char)*at); ++at)
    if ((value = value * 10 + (*at - '0')) > limit)
      return error.set("%s: %s is larger than %" PRId64, path, what, limit);
  return at != start || error.set("%s: %s is not a number", path, what);
}

/// The next sample; of a bitmap 1 is black, so it is turned around.
bool Reader::sample(int64_t kind, int64_t maximum, int64_t &value) {
  if (kind == 1) { // Digits need no blanks between them.
    while (at != end && std::isspace((unsigned char)*at))
      ++at;
    if (at == end)
      return truncated();
    if (*at != '0' && *at != '1')
      return error.set("%s: a pixel is neither 0 nor 1", path);
    value = *at++ == '0' ? 255 : 0;
    return true;
  }
  if (kind < 4)
    return number(maximum, "a pixel", value);
  if (kind == 4) {
    if (!bit) {
      if (at == end)
        return truncated();
      ++at;
      bit = 8;
    }
    value = at[-1] >> --bit & 1 ? 0 : 255;
    return true;
  }
  int64_t bytes = maximum > 255 ? 2 : 1;
  if (end - at < bytes)
    return truncated();
  for (value = 0; bytes--; ++at)
    value = value << 8 | (unsigned char)*at;
  return value <= maximum ||
         error.set("%s: a pixel is larger than %" PRId64, path, maximum);
}

bool Reader::read(Tensor &image) {
  int64_t kind = at[1] - '0', width, height, maximum = 1;
  bool bitmap = kind == 1 || kind == 4;
  at += 2;
  if (!number(INT32_MAX, "its width", width) ||
      !number(INT32_MAX, "its height", height) ||
      (!bitmap && !number(65535, "its largest value", maximum)))
    return false;
  if (!width || !height || !maximum)
    return error.set("%s: has no pixels", path);
  if (kind >= 4 && at != end)
    ++at; // One blank stands before binary data.
  int64_t channels = kind == 3 || kind == 6 ? 3 : 1;
  // A file cannot have more samples than bits, whatever its header says.
  if (width * height > (end - at) * 8)
    return truncated();
  image.type = maximum > 255 ? RawType::U16 : RawType::U8;
  image.shape = {3, {channels, height, width}};
  if (!image.allocate(path, error))
    return false;
  for (int64_t y = 0; y < height; ++y) {
    bit = 0; // Rows of a bitmap begin with a byte.
    for (int64_t x = 0; x < width; ++x)
      for (int64_t c = 0; c < channels; ++c) {
        int64_t value, to = (c * height + y) * width + x;
        if (!sample(kind, maximum, value))
          return false;
        if (maximum > 255)
          static_cast<uint16_t *>(image.storage.data())[to] = uint16_t(value);
        else
          static_cast<uint8_t *>(image.storage.data())[to] = uint8_t(value);
      }
  }
  while (kind < 4 && at != end && std::isspace((unsigned char)*at))
    ++at;
  return at == end || error.set("%s: has more data than its %" PRId64
                                " x %" PRId64 " pixels",
                                path, width, height);
}

bool parsePnm(const char *path, const char *bytes, int64_t length,
              Tensor &image, Error &error) {
  if (!isPnm(bytes, length))
    return error.set("%s: is not a PPM, PGM or PBM file", path);
  return Reader(path, bytes, length, error).read(image);
}

Text formatPnm(const uint8_t *pixels, const int64_t extents[3]) {
  int64_t channels = extents[0], area = extents[1] * extents[2];
  Text text;
  text.format("P%d\n%" PRId64 " %" PRId64 "\n255\n", channels == 3 ? 6 : 5,
              extents[2], extents[1]);
  text.reserve(text.size() + channels * area);
  for (int64_t i = 0; i < area; ++i)
    for (int64_t c = 0; c < channels; ++c)
      text.append(reinterpret_cast<const char *>(pixels) + c * area + i, 1);
  return text;
}

} // namespace nnrt
