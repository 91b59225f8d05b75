//===- runtime/trace.cpp --------------------------------------------------===//
#include "runtime/trace.h"
#include "runtime/finite.h"
#include "runtime/generated_code.h"

int32_t nnrt_tracing;

namespace nnrt {

static const char *first;

Trace::Trace() {
  first = nullptr;
  nnrt_tracing = 1;
}

Trace::~Trace() { nnrt_tracing = 0; }

const char *Trace::found() const { return first; }

} // namespace nnrt

extern "C" void nnrt_trace(const void *data, int64_t count, int32_t elem,
                           const char *text) {
  if (nnrt::allFinite(nnrt::ElemType(elem), data, count))
    return;
  nnrt::first = text;
  nnrt_tracing = 0;
}
