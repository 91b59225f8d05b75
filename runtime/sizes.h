//===- runtime/sizes.h - Sizes of functions before data is there ----------===//
#ifndef NNRT_SIZES_H
#define NNRT_SIZES_H

#include "runtime/options.h"
#include "runtime/program.h"

namespace nnrt {

/// Its arguments and then its results.
inline const Slot &slotOf(const Function &function, int64_t i) {
  return i < function.argCount ? function.args[i]
                               : function.results[i - function.argCount];
}

/// The dimension that counts the examples: the first axis of the first input;
/// -1 if there is none.
int32_t batchDim(const Function &function);

/// Dimensions that `--NAME N` gives, for whichever functions have them.
class GivenSizes {
public:
  /// Those of a function, but not number `except`.
  void add(const Function &function, int32_t except = -1);
  /// An option for each. They point into here.
  void addTo(Array<OptionSpec> &specs);
  /// What was given, else the default (null: there is none), else -1.
  void find(const Function &function, const int64_t *defaults,
            Array<int64_t> &dims) const;

private:
  struct Size {
    const char *name;
    int64_t value;
  };
  Array<Size> sizes;
};

/// The extents of every argument, of every result, the bytes of temporaries
/// and of scratch memory, as Function::shapes gives them.
Array<int64_t> shapesOf(const Function &function, const int64_t *dims);

/// The bytes that a call needs beside the program's variables; -1 if they do
/// not fit.
int64_t bytesOfCall(const Function &function, const int64_t *dims,
                    int32_t threads);

} // namespace nnrt

#endif // NNRT_SIZES_H
