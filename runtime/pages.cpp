//===- runtime/pages.cpp - Buffers in pages of their own ------------------===//
#include "runtime/memory.h"

#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace nnrt {

const bool hasPages = true;

static constexpr int64_t hugePage = int64_t(2) << 20;

bool Buffer::map(int64_t bytes, int protection) {
  void *address = mmap(nullptr, bytes, protection,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED)
    return false;
  mapping = address;
  mappingLength = bytes;
  return true;
}

/// Between two protected pages, at the end of what is between them.
bool Buffer::mapGuarded(int64_t rounded) {
  int64_t page = sysconf(_SC_PAGESIZE), inside = roundUp(rounded, page);
  if (!map(inside + 2 * page, PROT_NONE))
    return false;
  char *first = static_cast<char *>(mapping) + page;
  if (mprotect(first, inside, PROT_READ | PROT_WRITE))
    return false;
  std::memset(first, guardByte, inside);
  start = first + inside - rounded;
  guarded = true;
  return true;
}

/// A page fault costs about as much for 2 MB as for 4 KB. The advice is best
/// effort: nothing depends on it.
bool Buffer::mapHuge(int64_t rounded) {
  int64_t pages = roundUp(rounded, hugePage);
  if (!map(pages + hugePage, PROT_READ | PROT_WRITE))
    return false;
  auto address = reinterpret_cast<uintptr_t>(mapping);
  start = static_cast<char *>(mapping) +
          (roundUp(int64_t(address), hugePage) - int64_t(address));
  madvise(start, pages, MADV_HUGEPAGE);
  return true;
}

void Buffer::unmap() { munmap(mapping, mappingLength); }

} // namespace nnrt
