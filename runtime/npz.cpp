//===- runtime/npz.cpp ----------------------------------------------------===//
#include "runtime/npz.h"
#include "runtime/crc32.h"
#include "runtime/npy.h"

#include <algorithm>
#include <cstring>

namespace nnrt {

namespace {
/// Little-endian numbers at places that may lie anywhere.
struct Bytes {
  const char *data;
  int64_t size;

  bool holds(int64_t at, int64_t count) const {
    return at >= 0 && at <= size - count;
  }
  int64_t number(int64_t at, int bytes) const {
    int64_t value = 0;
    while (bytes--)
      value = value << 8 | (unsigned char)data[at + bytes];
    return value;
  }
  bool has(int64_t at, const char *signature) const {
    return !std::memcmp(data + at, signature, 4);
  }
};

/// What the central directory says of a file.
struct Entry {
  Text name; ///< Without .npy.
  int64_t flags, method, checksum, packed, size, header;
};
} // namespace

/// The files of an archive, from the directory at its end.
static bool listEntries(const char *path, Bytes zip, Array<Entry> &entries,
                        Error &error) {
  if (!zip.holds(0, 4) || std::memcmp(zip.data, "PK", 2))
    return error.set("%s: is not an npz file", path);
  int64_t end = zip.size - 22;
  // A comment of up to 64 kB may stand behind the last record.
  int64_t least = std::max<int64_t>(0, end - 65535);
  while (end >= least && !zip.has(end, "PK\5\6"))
    --end;
  if (end < least)
    return error.set("%s: is truncated: its directory is missing", path);
  int64_t count = zip.number(end + 10, 2), at = zip.number(end + 16, 4);
  for (int64_t i = 0; i < count; ++i) {
    if (!zip.holds(at, 46) || !zip.has(at, "PK\1\2"))
      return error.set("%s: is corrupt: its directory is malformed", path);
    Entry &entry = entries.push({});
    entry.flags = zip.number(at + 8, 2);
    entry.method = zip.number(at + 10, 2);
    entry.checksum = zip.number(at + 16, 4);
    entry.packed = zip.number(at + 20, 4);
    entry.size = zip.number(at + 24, 4);
    entry.header = zip.number(at + 42, 4);
    int64_t length = zip.number(at + 28, 2);
    if (!zip.holds(at + 46, length))
      return error.set("%s: is corrupt: its directory is malformed", path);
    const char *name = zip.data + at + 46;
    bool suffix = length > 4 && !std::memcmp(name + length - 4, ".npy", 4);
    entry.name.append(name, suffix ? length - 4 : length);
    at += 46 + length + zip.number(at + 30, 2) + zip.number(at + 32, 2);
  }
  return true;
}

static const Entry *findEntry(const char *path, const Array<Entry> &entries,
                              const char *member, Error &error) {
  if (!member && entries.size() == 1)
    return &entries[0];
  Text names;
  for (const Entry &entry : entries) {
    if (member && entry.name == member)
      return &entry;
    names.append(names.empty() ? "" : ", ").append(entry.name.c_str());
  }
  if (member)
    error.set("%s: has no array %s; its arrays are: %s", path, member,
              names.empty() ? "none" : names.c_str());
  else
    error.set("%s: has several arrays: %s", path, names.c_str());
  return nullptr;
}

bool parseNpz(const char *path, const char *bytes, int64_t length,
              const char *member, Tensor &tensor, Error &error) {
  Bytes zip{bytes, length};
  Array<Entry> entries;
  if (!listEntries(path, zip, entries, error))
    return false;
  const Entry *entry = findEntry(path, entries, member, error);
  if (!entry)
    return false;
  Text what;
  what.format("%s (%s)", path, entry->name.c_str());
  if (entry->packed == UINT32_MAX || entry->size == UINT32_MAX)
    return error.limit("%s: is larger than 4 GB", what.c_str());
  if (entry->flags & 1)
    return error.limit("%s: is encrypted", what.c_str());
  if (entry->method != 0 && entry->method != 8)
    return error.limit("%s: is compressed by method %d of zip; deflate is "
                       "supported",
                       what.c_str(), int(entry->method));
  int64_t at = entry->header;
  if (!zip.holds(at, 30) || !zip.has(at, "PK\3\4"))
    return error.set("%s: is corrupt: it is not where the directory says",
                     what.c_str());
  at += 30 + zip.number(at + 26, 2) + zip.number(at + 28, 2);
  if (!zip.holds(at, entry->packed) ||
      (entry->method == 0 && entry->packed != entry->size))
    return error.set("%s: is truncated", what.c_str());
  const void *data = zip.data + at;
  Buffer inflated;
  if (entry->method == 8) {
    if (!inflateTo(inflated, entry->size, data, entry->packed, true,
                   what.c_str(), error))
      return false;
    data = inflated.data();
  }
  if (crc32(data, entry->size) != entry->checksum)
    return error.set("%s: is corrupt: its checksum is wrong", what.c_str());
  InputFile file;
  file.view(what.c_str(), data, entry->size);
  return readNpy(file, tensor, error);
}

bool readNpz(const char *path, const char *member, Tensor &tensor,
             Error &error) {
  Text bytes;
  return readWholeFile(path, int64_t(1) << 36, bytes, error) &&
         parseNpz(path, bytes.c_str(), bytes.size(), member, tensor, error);
}

} // namespace nnrt
