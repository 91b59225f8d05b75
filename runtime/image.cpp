//===- runtime/image.cpp --------------------------------------------------===//
#include "runtime/image.h"
#include "runtime/input_file.h"

#include <algorithm>
#include <cstring>
#include <glob.h>
#include <unistd.h>

namespace nnrt {

bool readImage(const char *path, Tensor &image, Error &error) {
  Text text;
  if (!readWholeFile(path, int64_t(1) << 32, text, error))
    return false;
  const char *bytes = text.c_str();
  if (text.empty())
    return error.set("%s: is empty", path);
  if (isPng(bytes, text.size()))
    return parsePng(path, bytes, text.size(), image, error);
  if (isPnm(bytes, text.size()))
    return parsePnm(path, bytes, text.size(), image, error);
  return error.set("%s: is no picture: PPM, PGM, PBM and PNG are read", path);
}

/// The files that a pattern finds; one that is a file's name finds that.
static void findFiles(const char *pattern, Array<Text> &paths) {
  glob_t found;
  bool plain = access(pattern, F_OK) == 0;
  if (!plain && glob(pattern, 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i)
      paths.push(Text(found.gl_pathv[i]));
    globfree(&found);
  }
  if (paths.empty()) // What is wrong with it, opening it will say.
    paths.push(Text(pattern));
}

bool readImages(const char *pattern, int64_t most, Tensor &images,
                Error &error) {
  Array<Text> paths;
  findFiles(pattern, paths);
  int64_t count = std::min(most, paths.size()), bytes = 0;
  for (int64_t i = 0; i < count; ++i) {
    const char *path = paths[i].c_str();
    Tensor image;
    if (!readImage(path, image, error))
      return false;
    const int64_t *extents = image.shape.extents;
    if (i == 0) {
      images.type = image.type;
      images.shape = {4, {count, extents[0], extents[1], extents[2]}};
      if (!images.allocate(pattern, error))
        return false;
      bytes = image.count() * rawSize(image.type);
    } else if (image.type != images.type ||
               !std::equal(extents, extents + 3, images.shape.extents + 1)) {
      return error.set("%s is %s%s, but %s is %s%s", path, typeName(image.type),
                       shapeText(extents, 3).c_str(), paths[0].c_str(),
                       typeName(images.type),
                       shapeText(images.shape.extents + 1, 3).c_str());
    }
    std::memcpy(static_cast<char *>(images.storage.data()) + i * bytes,
                image.data, size_t(bytes));
  }
  return true;
}

} // namespace nnrt
