//===- tools/heap.h - The compiler's heap ---------------------------------===//
#ifndef NNC_TOOLS_HEAP_H
#define NNC_TOOLS_HEAP_H

namespace nnc {

/// Has malloc take its first 64 MB at once, in huge pages where the system has
/// them: a compilation is over so soon that a page fault for every 4 KB is a
/// good part of it. Call it once, before anything large is allocated.
void useHugePages();

} // namespace nnc

#endif // NNC_TOOLS_HEAP_H
