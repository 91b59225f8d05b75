//===- runtime/output.h - What a net has computed, shown or saved ---------===//
#ifndef NNRT_OUTPUT_H
#define NNRT_OUTPUT_H

#include "runtime/tensor.h"

namespace nnrt {

enum class Format {
  Text,    ///< What is text as text, all else as Literal.
  Literal, ///< `[[0.1, 0.2]]`, as in a program.
  Csv,     ///< A row for each example, below a header.
  Svg,     ///< Lines.
  Npy,
  Png, ///< A file for each picture.
  Pgm,
  Ppm
};

/// One result of a net.
struct Result {
  const Slot *slot;
  const int64_t *extents;
  const void *data;
  bool isText = false; ///< Whole numbers that are bytes of a text.

  RawType type() const { return rawType(slot->elem); }
  int64_t count() const { return elementCount(extents, slot->rank); }
};

/// Where results go, and how.
struct Output {
  const char *path = nullptr; ///< Null: standard output.
  Format format = Format::Text;

  /// `--format` decides, else the suffix of the file's name. Each may be null.
  bool choose(const char *path, const char *format, Error &error);
  /// Writes all of them. Of several each gets a file of its own, with its name
  /// in it. Before the first is written all have been checked.
  bool write(const Array<Result> &results, Error &error) const;
};

/// A result as pictures of 8 bits. A float of 1 is white, and so is 255 of a
/// whole number; what lies outside is clamped.
class Pictures {
public:
  /// [H, W]; [C, H, W], where C is 1 or 3 and known when compiling;
  /// [N, H, W]; [N, C, H, W].
  bool find(const Result &result, Format format, Error &error);

  int64_t count() const { return number; }
  /// The whole of a file.
  Text draw(int64_t picture) const;
  /// Elements that `draw` clamps, in all of them.
  int64_t clamped() const;

private:
  double brightness(int64_t element) const;

  const Result *source = nullptr;
  Format format = Format::Png;
  int64_t number = 0, channels = 1, height = 0, width = 0;
};

} // namespace nnrt

#endif // NNRT_OUTPUT_H
