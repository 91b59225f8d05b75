//===- runtime/safetensors.cpp --------------------------------------------===//
#include "runtime/safetensors.h"
#include "runtime/atomic_file.h"
#include "runtime/json.h"

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstring>

// The format is little-endian, and elements are copied as they are.
static_assert(std::endian::native == std::endian::little);

namespace nnrt {

// The limit of the reference implementation.
static constexpr int64_t largestHeader = 100'000'000;

/// Bytes of one element, or 0 for a type that is not known.
static int64_t dtypeSize(const Text &dtype) {
  static const struct {
    const char *name;
    int64_t size;
  } types[] = {{"F64", 8},     {"I64", 8},     {"U64", 8}, {"F32", 4},
               {"I32", 4},     {"U32", 4},     {"F16", 2}, {"BF16", 2},
               {"I16", 2},     {"U16", 2},     {"I8", 1},  {"U8", 1},
               {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"BOOL", 1}};
  for (const auto &type : types)
    if (dtype == type.name)
      return type.size;
  return 0;
}

static const char *dtypeOf(ElemType elem) {
  const char *const names[] = {"BOOL", "I32", "I64", "F32", "F64"};
  return names[int(elem)];
}

static bool readEntry(JsonReader &json, FileTensor &tensor, const char *path,
                      Error &error) {
  bool hasDtype = false, hasShape = false, hasOffsets = false;
  const char *name = tensor.name.c_str();
  Text key;
  json.enterObject();
  while (json.nextKey(key)) {
    if (key == "dtype") {
      hasDtype = json.string(tensor.dtype);
    } else if (key == "shape") {
      tensor.shape.rank = 0;
      json.enterArray();
      while (json.nextItem()) {
        if (tensor.shape.rank == maxRank)
          return error.set("%s: tensor %s has more than %d axes", path, name,
                           maxRank);
        json.integer(tensor.shape.extents[tensor.shape.rank++]);
      }
      hasShape = true;
    } else if (key == "data_offsets") {
      int64_t count = 0, ignored;
      json.enterArray();
      for (; json.nextItem(); ++count)
        json.integer(count == 0   ? tensor.begin
                     : count == 1 ? tensor.end
                                  : ignored);
      hasOffsets = count == 2;
    } else {
      json.skip();
    }
  }
  if (json.failed())
    return true; // The caller says so.
  if (!hasDtype || !hasShape || !hasOffsets)
    return error.set("%s: tensor %s has no %s", path, name,
                     !hasDtype   ? "dtype"
                     : !hasShape ? "shape"
                                 : "pair of data_offsets");
  int64_t size = dtypeSize(tensor.dtype), bytes;
  if (!size)
    return error.set("%s: tensor %s has the unknown type %s", path, name,
                     tensor.dtype.c_str());
  if (!checkedProduct(tensor.shape.extents, tensor.shape.rank, size, bytes))
    return error.set("%s: the size of tensor %s overflows", path, name);
  if (tensor.end < tensor.begin || tensor.end - tensor.begin != bytes)
    return error.set("%s: tensor %s needs %" PRId64
                     " bytes, but its offsets are %" PRId64 " and %" PRId64,
                     path, name, bytes, tensor.begin, tensor.end);
  return true;
}

bool parseSafetensors(const char *path, const char *bytes, int64_t length,
                      int64_t fileSize, SafetensorsHeader &header,
                      Error &error) {
  if (length < 8)
    return error.set("%s: is too short to be a safetensors file", path);
  uint64_t headerLength;
  std::memcpy(&headerLength, bytes, 8);
  if (headerLength > uint64_t(largestHeader))
    return error.set("%s: is not a safetensors file: its header would be "
                     "%" PRIu64 " bytes long",
                     path, headerLength);
  if (int64_t(headerLength) > length - 8)
    return error.set("%s: is truncated inside its header", path);
  header.tensors.clear();
  header.metadata.clear();
  header.dataStart = 8 + int64_t(headerLength);

  JsonReader json(bytes + 8, bytes + header.dataStart);
  Text key;
  json.enterObject();
  while (json.nextKey(key)) {
    if (key == "__metadata__") {
      json.enterObject();
      while (json.nextKey(key)) {
        MetadataEntry &entry = header.metadata.push({});
        entry.key = std::move(key);
        key = Text();
        json.string(entry.value);
      }
      continue;
    }
    FileTensor &tensor = header.tensors.push({});
    tensor.name = std::move(key);
    key = Text();
    if (!readEntry(json, tensor, path, error))
      return false;
  }
  if (!json.finish())
    return error.set("%s: its header is malformed: %s", path, json.problem());

  Array<FileTensor *> order;
  for (FileTensor &tensor : header.tensors)
    order.push(&tensor);
  std::sort(order.begin(), order.end(), [](auto *a, auto *b) {
    return std::strcmp(a->name.c_str(), b->name.c_str()) < 0;
  });
  for (int64_t i = 1; i < order.size(); ++i)
    if (order[i]->name == order[i - 1]->name.c_str())
      return error.set("%s: has two tensors named %s", path,
                       order[i]->name.c_str());
  std::sort(order.begin(), order.end(), [](auto *a, auto *b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
  });
  int64_t reached = 0;
  for (const FileTensor *tensor : order) {
    if (tensor->begin != reached)
      return error.set(
          "%s: the data of tensor %s %s", path, tensor->name.c_str(),
          tensor->begin < reached ? "overlaps another's" : "follows a hole");
    reached = tensor->end;
  }
  header.dataSize = reached;
  int64_t data = fileSize - header.dataStart;
  if (fileSize >= 0 && reached != data)
    return error.set("%s: %s: its header gives %" PRId64
                     " bytes of data, but %" PRId64 " follow",
                     path, reached > data ? "is truncated" : "is too long",
                     reached, data);
  return true;
}

const char *SafetensorsHeader::find(const char *key) const {
  for (const MetadataEntry &entry : metadata)
    if (entry.key == key)
      return entry.value.c_str();
  return nullptr;
}

static bool convertible(const Text &dtype, ElemType elem) {
  return dtype == dtypeOf(elem) || (dtype == "F64" && elem == ElemType::F32) ||
         (dtype == "F32" && elem == ElemType::F64);
}

bool SafetensorsFile::open(const char *path, Error &error) {
  if (!file.open(path, error))
    return false;
  Array<char> start;
  start.resize(8);
  int64_t got = file.read(start.data(), 8, error);
  if (got < 0)
    return false;
  uint64_t length = 0;
  std::memcpy(&length, start.data(), 8);
  if (got == 8 && length <= uint64_t(largestHeader)) {
    start.resize(8 + int64_t(length));
    int64_t more = file.read(start.data() + 8, int64_t(length), error);
    if (more < 0)
      return false;
    got += more;
  }
  return parseSafetensors(path, start.data(), got, file.plainSize(), header,
                          error);
}

bool SafetensorsFile::read(const FileTensor &tensor, const TensorView &view,
                           Error &error) {
  int64_t size = tensor.end - tensor.begin;
  auto take = [&](void *target) {
    // A pipe or a .gz says only here how long it is.
    return (file.skip(tensor.begin - reached, error) &&
            file.read(target, size, error) == size) ||
           error.set("%s: is truncated inside tensor %s", file.path(),
                     tensor.name.c_str());
  };
  RawType raw = tensor.dtype == "F64"   ? RawType::F64
                : tensor.dtype == "F32" ? RawType::F32
                                        : rawType(view.elem);
  if (raw == rawType(view.elem)) {
    if (!take(view.data))
      return false;
  } else {
    Buffer other;
    if (!other.allocate(size, view.name, error) || !take(other.data()))
      return false;
    convert(raw, other.data(), view.elem, view.data,
            elementCount(view.shape, view.rank));
  }
  reached = tensor.end;
  return true;
}

/// In the order of the file.
bool SafetensorsFile::match(const TensorView *views, int64_t count,
                            bool (*ignored)(const char *name), const char *hint,
                            Array<Match> &matches, Error &error) const {
  Array<bool> used;
  used.resize(header.tensors.size());
  Text missing, wrong, unknown;
  for (int64_t i = 0; i < count; ++i) {
    const TensorView &view = views[i];
    const FileTensor *match = nullptr;
    for (int64_t j = 0; j < header.tensors.size() && !match; ++j)
      if (header.tensors[j].name == view.name) {
        match = &header.tensors[j];
        used[j] = true;
      }
    if (!match) {
      missing.format("\n  missing: %s %s%s", view.name, typeName(view.elem),
                     shapeText(view.shape, view.rank).c_str());
      continue;
    }
    matches.push({match, i});
    bool same =
        match->shape.rank == view.rank &&
        std::equal(view.shape, view.shape + view.rank, match->shape.extents);
    if (!same || !convertible(match->dtype, view.elem))
      wrong.format("\n  %s: is %s%s in the file, %s%s in the program",
                   view.name, match->dtype.c_str(),
                   shapeText(match->shape.extents, match->shape.rank).c_str(),
                   dtypeOf(view.elem),
                   shapeText(view.shape, view.rank).c_str());
  }
  for (int64_t j = 0; j < header.tensors.size(); ++j)
    if (!used[j] && !ignored(header.tensors[j].name.c_str()))
      unknown.format("\n  unknown: %s", header.tensors[j].name.c_str());
  if (!missing.empty() || !wrong.empty() || !unknown.empty())
    return error.set("%s: its tensors are not those of this program:%s%s%s%s",
                     file.path(), missing.c_str(), wrong.c_str(),
                     unknown.c_str(), hint);
  std::sort(matches.begin(), matches.end(), [](auto &a, auto &b) {
    return a.tensor->begin != b.tensor->begin
               ? a.tensor->begin < b.tensor->begin
               : a.tensor->end < b.tensor->end;
  });
  return true;
}

bool SafetensorsFile::load(const TensorView *views, int64_t count,
                           bool (*ignored)(const char *name), const char *hint,
                           Error &error) {
  Array<Match> matches;
  if (!match(views, count, ignored, hint, matches, error))
    return false;
  for (const Match &match : matches)
    if (!read(*match.tensor, views[match.view], error))
      return false;
  return true;
}

bool SafetensorsFile::map(TensorView *views, int64_t count,
                          bool (*ignored)(const char *name), const char *hint,
                          Buffer &content, Error &error) {
  Array<Match> matches;
  if (!match(views, count, ignored, hint, matches, error))
    return false;
  int64_t size = matches.empty() ? 0 : matches.back().tensor->end;
  bool isMapped = file.map(content, header.dataStart + size);
  for (const auto &[tensor, i] : matches) {
    TensorView &view = views[i];
    int64_t offset = header.dataStart + tensor->begin;
    if (isMapped && tensor->dtype == dtypeOf(view.elem) &&
        offset % elemSize(view.elem) == 0)
      view.data = static_cast<char *>(content.data()) + offset;
    else if (!read(*tensor, view, error))
      return false;
  }
  return true;
}

bool saveSafetensors(const char *path, const TensorView *views, int64_t count,
                     const MetadataEntry *metadata, int64_t metadataCount,
                     Error &error) {
  // Widest elements first, so that every tensor is aligned to its own size.
  Array<const TensorView *> order;
  for (int64_t size : {8, 4, 1})
    for (int64_t i = 0; i < count; ++i)
      if (elemSize(views[i].elem) == size)
        order.push(&views[i]);
  Text header("{");
  if (metadataCount) {
    header.append("\"__metadata__\":{");
    for (int64_t i = 0; i < metadataCount; ++i) {
      header.append(i ? "," : "");
      appendJsonString(header, metadata[i].key.c_str());
      header.append(":");
      appendJsonString(header, metadata[i].value.c_str());
    }
    header.append("}");
  }
  int64_t offset = 0;
  for (const TensorView *view : order) {
    int64_t bytes =
        elementCount(view->shape, view->rank) * elemSize(view->elem);
    header.append(offset || header.size() > 1 ? "," : "");
    appendJsonString(header, view->name);
    header.format(":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%" PRId64
                  ",%" PRId64 "]}",
                  dtypeOf(view->elem),
                  shapeText(view->shape, view->rank).c_str(), offset,
                  offset + bytes);
    offset += bytes;
  }
  header.append("}");
  // The data begins at a line of the cache, where it is if the file is mapped.
  while ((8 + header.size()) % bufferAlignment)
    header.append(" ");
  uint64_t length = uint64_t(header.size());

  AtomicFile file;
  if (!file.open(path, error) || !file.write(&length, 8, error) ||
      !file.write(header.c_str(), header.size(), error))
    return false;
  for (const TensorView *view : order)
    if (!file.write(view->data,
                    elementCount(view->shape, view->rank) *
                        elemSize(view->elem),
                    error))
      return false;
  return file.commit(error);
}

} // namespace nnrt
