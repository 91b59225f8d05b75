//===- runtime/variable_copy.h - Variables as they were -----------------===//
#ifndef NNRT_VARIABLE_COPY_H
#define NNRT_VARIABLE_COPY_H

#include "runtime/variables.h"

namespace nnrt {

/// A copy of the weights, or of everything that training changes.
class VariableCopy {
public:
  enum What { Weights, All };

  /// A first copy.
  bool take(const Program &program, const Variables &variables, What what,
            Error &error);
  /// Without a first copy these do nothing.
  void update(const Variables &variables);
  void restore(const Variables &variables) const;
  bool empty() const { return buffers.empty(); }
  void *data(int32_t variable) const { return buffers[variable].data(); }

private:
  Array<Buffer> buffers; ///< One a variable; empty if it is not copied.
};

} // namespace nnrt

#endif // NNRT_VARIABLE_COPY_H
