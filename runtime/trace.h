//===- runtime/trace.h - Where the first NaN comes from -------------------===//
//
// The functions of training carry a call after each of their kernels, which
// does nothing but while one of these lives: then it looks at what the kernel
// has written.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_TRACE_H
#define NNRT_TRACE_H

namespace nnrt {

class Trace {
public:
  Trace();
  Trace(const Trace &) = delete;
  ~Trace();
  /// The ops that the first NaN or infinity may come from, each a line
  /// "FILE:LINE:COLUMN: NAME"; null if none was seen.
  const char *found() const;
};

} // namespace nnrt

#endif // NNRT_TRACE_H
