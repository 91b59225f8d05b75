//===- runtime/image.h - Pictures: PPM, PGM, PBM and PNG ------------------===//
//
// https://netpbm.sourceforge.net/doc and https://www.w3.org/TR/png-3.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_IMAGE_H
#define NNRT_IMAGE_H

#include "runtime/tensor.h"

namespace nnrt {

/// [C, H, W], u8 or, where the file has more than 8 bits, u16, as in the file:
/// 0 is black. C is 1 (grey), 2 (with alpha), 3 (colours) or 4. Which format
/// it is, the content says.
bool readImage(const char *path, Tensor &image, Error &error);

/// Pictures of one size, [N, C, H, W]: a file, or those that a pattern
/// (`faces/*.pgm`) finds, in the order of their names, `most` of them at most.
bool readImages(const char *pattern, int64_t most, Tensor &images,
                Error &error);

/// The same from a file in memory; `path` is for messages.
bool parsePnm(const char *path, const char *bytes, int64_t length,
              Tensor &image, Error &error);
bool parsePng(const char *path, const char *bytes, int64_t length,
              Tensor &image, Error &error);
bool isPnm(const char *bytes, int64_t length);
bool isPng(const char *bytes, int64_t length);

/// A picture of one or three channels, u8[C, H, W], as the whole of a file.
Text formatPnm(const uint8_t *pixels, const int64_t extents[3]);
Text formatPng(const uint8_t *pixels, const int64_t extents[3]);

} // namespace nnrt

#endif // NNRT_IMAGE_H
