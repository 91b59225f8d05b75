//===- runtime/output.cpp -------------------------------------------------===//
#include "runtime/output.h"
#include "runtime/atomic_file.h"
#include "runtime/codec.h"
#include "runtime/npy.h"
#include "runtime/plot.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <strings.h>
#include <unistd.h>

namespace nnrt {

static const struct {
  const char *name, *suffix;
  Format format;
} formats[] = {
    {"text", ".txt", Format::Text}, {"literal", nullptr, Format::Literal},
    {"csv", ".csv", Format::Csv},   {"svg", ".svg", Format::Svg},
    {"npy", ".npy", Format::Npy},   {"png", ".png", Format::Png},
    {"pgm", ".pgm", Format::Pgm},   {"ppm", ".ppm", Format::Ppm}};

static bool isPicture(Format format) { return format >= Format::Png; }

/// The suffix of a file's name, or its end.
static const char *suffixOf(const char *path) {
  const char *slash = std::strrchr(path, '/');
  const char *dot = std::strrchr(slash ? slash : path, '.');
  return dot ? dot : path + std::strlen(path);
}

bool Output::choose(const char *file, const char *wanted, Error &error) {
  path = file && std::strcmp(file, "-") ? file : nullptr;
  if (!path && !wanted)
    return true;
  for (const auto &each : formats) {
    if (wanted ? !std::strcmp(wanted, each.name)
               : each.suffix && !strcasecmp(suffixOf(path), each.suffix)) {
      format = each.format;
      return true;
    }
  }
  if (wanted)
    return error.set(
        "--format takes text, literal, csv, svg, npy, png, pgm or ppm, not "
        "'%s'",
        wanted);
  return error.set(
      "%s: its name tells no format; .txt, .csv, .svg, .npy, .png, "
      ".pgm and .ppm do, and --format",
      path);
}

static bool decode(const Result &result, Text &text, Error &error) {
  return decode(result.slot->name, result.type(), result.data, result.extents,
                result.slot->rank, text, error);
}

static Text literalOf(const Result &result) {
  Text text;
  appendTensor(text, result.type(), result.data, result.extents,
               result.slot->rank);
  return std::move(text.append("\n"));
}

/// A row for each example, that is, for each index of the first axis. A header
/// is what other programs expect, and our own reader passes over it.
static Text csvOf(const Result &result) {
  const Slot &slot = *result.slot;
  int64_t rows = slot.rank ? result.extents[0] : 1;
  int64_t columns =
      slot.rank ? elementCount(result.extents + 1, slot.rank - 1) : 1;
  Text text;
  for (int64_t i = 0; i < columns; ++i) {
    text.append(i ? "," : "").append(slot.name);
    if (slot.rank > 1)
      text.format("%" PRId64, i);
  }
  text.append("\n");
  // A bool is 0 or 1, since a csv holds numbers.
  RawType type = result.type() == RawType::Bool ? RawType::U8 : result.type();
  for (int64_t i = 0; i < rows * columns; ++i) {
    appendElement(text, type, result.data, i);
    text.append((i + 1) % columns ? "," : "\n");
  }
  return text;
}

/// A file is `head` and then the elements, where the format wants them as they
/// are.
static bool put(const char *path, const Text &head, const Result *elements,
                Error &error) {
  const void *data = elements ? elements->data : nullptr;
  int64_t bytes = elements ? elements->count() * rawSize(elements->type()) : 0;
  if (!path) { // What goes wrong is said at the end, when it is flushed.
    std::fwrite(head.c_str(), 1, size_t(head.size()), stdout);
    if (bytes)
      std::fwrite(data, 1, size_t(bytes), stdout);
    return true;
  }
  AtomicFile file;
  return file.open(path, error) &&
         file.write(head.c_str(), head.size(), error) &&
         (!bytes || file.write(data, bytes, error)) && file.commit(error);
}

/// The name of a file with something before its suffix.
static Text pathWith(const char *path, const Text &infix) {
  const char *suffix = suffixOf(path);
  Text text;
  return std::move(
      text.append(path, suffix - path).append(infix.c_str()).append(suffix));
}

/// One file for each, `y-07.png`: with as many digits for each, so that the
/// order of the names is theirs.
static bool putPictures(const Pictures &pictures, const char *path,
                        Error &error) {
  int64_t count = pictures.count();
  int digits = std::snprintf(nullptr, 0, "%" PRId64, count - 1);
  for (int64_t i = 0; i < count; ++i) {
    Text name;
    if (path && count > 1) {
      Text infix;
      infix.format("-%0*" PRId64, digits, i);
      name = pathWith(path, infix);
    } else if (path) {
      name.append(path);
    }
    if (!put(path ? name.c_str() : nullptr, pictures.draw(i), nullptr, error))
      return false;
  }
  if (int64_t clamped = pictures.clamped())
    std::fprintf(
        stderr,
        "note: %s: %" PRId64 " values lie outside what a picture "
        "shows (0 to 1, or to 255 of whole numbers) and were clamped\n",
        path ? path : "the picture", clamped);
  return true;
}

static bool putOne(const Result &result, Format format, const char *path,
                   Error &error) {
  switch (format) {
  case Format::Text:
    if (result.isText) {
      Text text;
      return decode(result, text, error) && put(path, text, nullptr, error);
    }
    [[fallthrough]];
  case Format::Literal:
    return put(path, literalOf(result), nullptr, error);
  case Format::Csv:
    return put(path, csvOf(result), nullptr, error);
  case Format::Svg:
    return put(path, formatPlot(result), nullptr, error);
  case Format::Npy:
    return put(
        path,
        formatNpyHeader(result.slot->elem, result.extents, result.slot->rank),
        &result, error);
  default: {
    Pictures pictures;
    return pictures.find(result, format, error) &&
           putPictures(pictures, path, error);
  }
  }
}

bool Output::write(const Array<Result> &results, Error &error) const {
  bool several = results.size() > 1;
  if (!path && several && format > Format::Literal)
    return error.set("there are %" PRId64 " results, and each needs a file of "
                     "its own: --out FILE",
                     results.size());
  if (!path && format >= Format::Npy && isatty(STDOUT_FILENO))
    return error.set("this format is nothing for a terminal; --out FILE "
                     "writes a file");
  for (const Result &result : results) {
    Pictures pictures;
    Text text;
    if (format == Format::Text && result.isText && !decode(result, text, error))
      return false;
    if (format == Format::Svg && !checkPlot(result, error))
      return false;
    if (isPicture(format) && !pictures.find(result, format, error))
      return false;
    if (!path && pictures.count() > 1)
      return error.set("%s is %" PRId64 " pictures, and each needs a file of "
                       "its own: --out FILE",
                       result.slot->name, pictures.count());
  }
  for (const Result &result : results) {
    Text name;
    if (path && several) {
      Text infix(".");
      name = pathWith(path, infix.append(result.slot->name));
    } else if (path) {
      name.append(path);
    } else if (several) {
      std::printf("%s =\n", result.slot->name);
    }
    if (!putOne(result, format, path ? name.c_str() : nullptr, error))
      return false;
  }
  return true;
}

} // namespace nnrt
