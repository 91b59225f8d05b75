//===- runtime/value.h - Values on the command line -----------------------===//
#ifndef NNRT_VALUE_H
#define NNRT_VALUE_H

#include "runtime/tensor.h"

namespace nnrt {

/// What was given for an input.
struct Value {
  Tensor tensor;
  /// Whether it may take any shape of equal size, since its source knows no
  /// axes of ours: idx, csv, pictures and text.
  bool reshape = false;
  bool isText = false;
};

/// What `--x` accepts: a literal, or a file of any format that is read, with an
/// optional `[i]`, `[i:j]` or `:i` for examples, and after brackets an optional
/// `/N` that divides: `digits.gz[7]/255`. Where text is `expected` it needs no
/// quotes: it is what is neither a list nor a file.
bool readValue(const char *given, bool expected, Value &value, Error &error);

/// Adds axes of size 1 in front, or takes such away, until there are `rank` of
/// them, if that is possible: a grey picture [1, 1, H, W] for [B, H, W].
void fitRank(Shape &shape, int32_t rank);

} // namespace nnrt

#endif // NNRT_VALUE_H
