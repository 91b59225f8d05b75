//===- runtime/csv.h - Numbers in lines of text ---------------------------===//
//
// Fields are separated by commas, semicolons, tabs or blanks, whichever of
// these the first line has (looked for in this order). A first line with
// anything that is no number is a header and skipped. Empty lines are skipped.
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_CSV_H
#define NNRT_CSV_H

#include "runtime/tensor.h"

namespace nnrt {

/// The whole table, f64[rows, columns].
bool readCsv(const char *path, Tensor &table, Error &error);

/// The same from text in memory; `path` is for messages.
bool parseCsv(const char *path, const char *text, int64_t length, Tensor &table,
              Error &error);

/// A decimal number that fills [begin, end): no hexadecimal, nan or inf.
bool parseNumber(const char *begin, const char *end, double &value);

} // namespace nnrt

#endif // NNRT_CSV_H
