//===- runtime/literal.h - Values on the command line ---------------------===//
#ifndef NNRT_LITERAL_H
#define NNRT_LITERAL_H

#include "runtime/tensor.h"

namespace nnrt {

/// Whether `text` is to be read as a value and not as the name of a file.
bool looksLikeLiteral(const char *text);

/// `3`, `true` or `[[0, 1], [1, 1]]`, every row of the same length. The type
/// is bool, i64 or f64, whichever is the narrowest that holds all elements.
bool parseLiteral(const char *text, Tensor &tensor, Error &error);

/// What `--x` accepts: a literal, or a file of numpy or idx, by its content,
/// with an optional `[i]`, `[i:j]` or `:i` for examples, and after brackets an
/// optional `/N` that divides: `digits.gz[7]/255`. `reshape` tells whether the
/// value comes from idx, whose examples may take any shape of equal size.
bool readValue(const char *text, Tensor &tensor, bool &reshape, Error &error);

} // namespace nnrt

#endif // NNRT_LITERAL_H
