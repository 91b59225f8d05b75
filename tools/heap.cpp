#include "tools/heap.h"

#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace nnc {

// Volatile, or the calls would be optimised away.
static void *volatile block;

void useHugePages() {
  constexpr int room = 64 << 20;
  constexpr uintptr_t hugePage = 2 << 20;
  // Blocks of up to 32 MB (glibc's limit) come from the heap, which grows by
  // `room` and does not shrink.
  mallopt(M_MMAP_THRESHOLD, room / 2);
  mallopt(M_TOP_PAD, room);
  mallopt(M_TRIM_THRESHOLD, 4 * room);
  block = std::malloc(hugePage);
  auto top = reinterpret_cast<uintptr_t>(block);
  auto end = reinterpret_cast<uintptr_t>(sbrk(0));
  std::free(block);
  // Where malloc is another one, the block does not stand at the heap's end.
  if (top > end || end - top > 2 * uintptr_t(room))
    return;
  uintptr_t first = (top + hugePage - 1) / hugePage * hugePage;
  if (first - top > 1024)
    block = std::malloc(first - top - 64); // Never touched: what is free begins
                                           // with a huge page.
  madvise(reinterpret_cast<void *>(first), end - first, MADV_HUGEPAGE);
}

} // namespace nnc
