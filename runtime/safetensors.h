//===- runtime/safetensors.h - Weight files -------------------------------===//
//
// https://github.com/huggingface/safetensors: the length of the header as a
// little-endian u64, a JSON object {"name": {"dtype", "shape",
// "data_offsets"}}, then the data, little-endian and without holes. The name
// "__metadata__" is an object of texts.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_SAFETENSORS_H
#define NNRT_SAFETENSORS_H

#include "runtime/input_file.h"
#include "runtime/tensor.h"

namespace nnrt {

/// A tensor that the program has, and that a file should have or get.
struct TensorView {
  const char *name;
  ElemType elem;
  int32_t rank;
  const int64_t *shape;
  void *data;
};

/// One tensor of a file.
struct FileTensor {
  Text name, dtype;
  Shape shape;
  int64_t begin, end; ///< In the data part.
};

struct MetadataEntry {
  Text key, value;
};

struct SafetensorsHeader {
  Array<FileTensor> tensors;
  Array<MetadataEntry> metadata;
  int64_t dataStart, dataSize;

  /// The text of a key, or null.
  const char *find(const char *key) const;
};

/// Reads and checks a header: sizes agree with shapes, and the tensors cover
/// the data without holes or overlaps. `bytes` is the start of the file, with
/// the whole header; `fileSize` is -1 if it is not known.
bool parseSafetensors(const char *path, const char *bytes, int64_t length,
                      int64_t fileSize, SafetensorsHeader &header,
                      Error &error);

class SafetensorsFile {
public:
  SafetensorsHeader header;

  bool open(const char *path, Error &error);
  /// Fills the views, once. All that are missing, of another shape, or in the
  /// file and neither a view nor ignored, are listed in one error, followed by
  /// `hint`; then nothing has been read. F32 and F64 are converted into each
  /// other.
  bool load(const TensorView *views, int64_t count,
            bool (*ignored)(const char *name), const char *hint, Error &error);
  /// The same, but what the file has as the program wants it is not read:
  /// `content` holds the file, and the view's data is there.
  bool map(TensorView *views, int64_t count, bool (*ignored)(const char *name),
           const char *hint, Buffer &content, Error &error);

private:
  /// What fills a view.
  struct Match {
    const FileTensor *tensor;
    int64_t view;
  };
  bool match(const TensorView *views, int64_t count,
             bool (*ignored)(const char *name), const char *hint,
             Array<Match> &matches, Error &error) const;
  bool read(const FileTensor &tensor, const TensorView &view, Error &error);

  InputFile file;
  int64_t reached = 0; ///< In the data part.
};

/// Writes the views so that `path` is, at every moment, the old file or the
/// whole new one.
bool saveSafetensors(const char *path, const TensorView *views, int64_t count,
                     const MetadataEntry *metadata, int64_t metadataCount,
                     Error &error);

} // namespace nnrt

#endif // NNRT_SAFETENSORS_H
