//===- runtime/best_weights.h - The weights of the best epoch -------------===//
#ifndef NNRT_BEST_WEIGHTS_H
#define NNRT_BEST_WEIGHTS_H

#include "runtime/variables.h"

namespace nnrt {

/// A copy of the weights, for `keep best`.
class BestWeights {
public:
  /// A first copy.
  bool take(const Program &program, const Variables &variables, Error &error);
  /// Without a first copy these do nothing.
  void update(const Variables &variables);
  void restore(const Variables &variables) const;
  bool empty() const { return buffers.empty(); }
  void *data(int32_t variable) const { return buffers[variable].data(); }

private:
  Array<Buffer> buffers; ///< One a variable, empty if it is no weight.
};

} // namespace nnrt

#endif // NNRT_BEST_WEIGHTS_H
