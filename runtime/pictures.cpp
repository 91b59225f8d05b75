//===- runtime/pictures.cpp - Results as pictures -------------------------===//
#include "runtime/image.h"
#include "runtime/output.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>

namespace nnrt {

bool Pictures::find(const Result &result, Format wanted, Error &error) {
  const Slot &slot = *result.slot;
  const int64_t *extents = result.extents;
  Text is;
  is.format("%s is %s%s", slot.name, typeName(slot.elem),
            shapeText(extents, slot.rank).c_str());
  if (slot.rank < 2 || slot.rank > 4)
    return error.set("%s, which is no picture: that is [H, W], [C, H, W] or "
                     "[N, C, H, W], with 1 or 3 for C",
                     is.c_str());
  source = &result;
  format = wanted;
  height = extents[slot.rank - 2];
  width = extents[slot.rank - 1];
  // Of three axes the first is channels, unless it can have any size.
  bool hasChannels =
      slot.rank == 4 ||
      (slot.rank == 3 && slot.axisDims[0] < 0 && extents[0] == 3);
  channels = hasChannels ? extents[slot.rank - 3] : 1;
  number = slot.rank == 4 || (slot.rank == 3 && !hasChannels) ? extents[0] : 1;
  if (result.count() == 0)
    return error.set("%s: there is no picture in it", is.c_str());
  if (channels != 1 && channels != 3)
    return error.set("%s: a picture has 1 or 3 channels, not %" PRId64,
                     is.c_str(), channels);
  if (format == Format::Pgm && channels == 3)
    return error.set("%s: a PGM picture is grey; PPM and PNG have colours",
                     is.c_str());
  // A part of a PNG file is shorter than 2^31 bytes.
  if (width > 1 << 30 || height > (1 << 30) / (3 * width + 2))
    return error.limit("%s, which is too large for a picture", is.c_str());
  for (int64_t i = 0; i < result.count(); ++i)
    if (std::isnan(brightness(i)))
      return error.set("%s, and element %" PRId64 " is nan", is.c_str(), i);
  return true;
}

/// From 0 to 255, if it needs no clamping.
double Pictures::brightness(int64_t element) const {
  double value = elementAsDouble(source->type(), source->data, element);
  return source->slot->elem == ElemType::I32 ||
                 source->slot->elem == ElemType::I64
             ? value
             : value * 255;
}

int64_t Pictures::clamped() const {
  int64_t count = 0;
  for (int64_t i = 0; i < source->count(); ++i) {
    double value = brightness(i);
    count += value < 0 || value > 255;
  }
  return count;
}

Text Pictures::draw(int64_t picture) const {
  // A grey PPM has three equal channels.
  int64_t drawn = format == Format::Ppm ? 3 : channels, area = height * width;
  Array<uint8_t> pixels;
  pixels.resize(drawn * area);
  for (int64_t i = 0; i < drawn * area; ++i) {
    int64_t from = picture * channels * area + i % (channels * area);
    double value = std::clamp(brightness(from), 0.0, 255.0);
    pixels[i] = uint8_t(value + 0.5);
  }
  const int64_t extents[] = {drawn, height, width};
  return format == Format::Png ? formatPng(pixels.data(), extents)
                               : formatPnm(pixels.data(), extents);
}

} // namespace nnrt
