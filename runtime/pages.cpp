//===- runtime/pages.cpp - Buffers in pages of their own ------------------===//
#include "runtime/memory.h"

#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace nnrt {

const bool hasPages = true;

static constexpr int ownPages = MAP_ANONYMOUS | MAP_NORESERVE;
static constexpr int64_t hugePage = int64_t(2) << 20;

bool Buffer::map(int64_t bytes, int protection, int flags, int file) {
  void *address =
      mmap(nullptr, bytes, protection, MAP_PRIVATE | flags, file, 0);
  if (address == MAP_FAILED)
    return false;
  mapping = address;
  mappingLength = bytes;
  return true;
}

/// Between two protected pages, at the end of what is between them.
bool Buffer::mapGuarded(int64_t rounded) {
  int64_t page = sysconf(_SC_PAGESIZE), inside = roundUp(rounded, page);
  if (!map(inside + 2 * page, PROT_NONE, ownPages, -1))
    return false;
  char *first = static_cast<char *>(mapping) + page;
  if (mprotect(first, inside, PROT_READ | PROT_WRITE))
    return false;
  std::memset(first, guardByte, inside);
  start = first + inside - rounded;
  guarded = true;
  return true;
}

/// A fault for 2 MB takes less than 512 for 4 KB, but as long as 300 of them,
/// since the system clears the page: what is left over is worth one if it is
/// the larger half. The advice is best effort: nothing depends on it.
bool Buffer::mapHuge(int64_t rounded) {
  int64_t whole = (rounded + hugePage / 2) / hugePage * hugePage;
  if (!map(rounded + hugePage, PROT_READ | PROT_WRITE, ownPages, -1))
    return false;
  auto address = reinterpret_cast<uintptr_t>(mapping);
  start = static_cast<char *>(mapping) +
          (roundUp(int64_t(address), hugePage) - int64_t(address));
  madvise(start, whole, MADV_HUGEPAGE);
  return true;
}

/// All pages that the system has read already come at once; this advice is
/// best effort, too.
bool Buffer::mapFile(int file, int64_t bytes) {
  release();
  if (!map(bytes, PROT_READ | PROT_WRITE, 0, file))
    return false;
  start = mapping;
  length = bytes;
  madvise(start, bytes, MADV_POPULATE_READ);
  return true;
}

void Buffer::unmap() { munmap(mapping, mappingLength); }

} // namespace nnrt
