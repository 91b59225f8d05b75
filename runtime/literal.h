//===- runtime/literal.h - Values as text ---------------------------------===//
#ifndef NNRT_LITERAL_H
#define NNRT_LITERAL_H

#include "runtime/tensor.h"

namespace nnrt {

/// Whether `text` is to be read as a value and not as the name of a file.
bool looksLikeLiteral(const char *text);

/// `3`, `true` or `[[0, 1], [1, 1]]`, every row of the same length. The type
/// is bool, i64 or f64, whichever is the narrowest that holds all elements. A
/// text in quotes, `"To be"`, is its bytes, u8.
bool parseLiteral(const char *text, Tensor &tensor, Error &error);

} // namespace nnrt

#endif // NNRT_LITERAL_H
