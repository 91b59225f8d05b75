//===- elaborate.h: from the tree to a program of graph functions ---------===//
//
// A typed, instantiating walk: every net, test, train block and metric becomes
// one flat function. Calls of functions and layers are inlined, parameters
// become arguments, and axis names are checked and left behind.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_ELABORATE_H
#define NNC_FRONTEND_ELABORATE_H

#include "frontend/diagnostic.h"
#include "ir/program.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace nnc::ast {
struct File;
} // namespace nnc::ast

namespace nnc {

/// What a data file's header says, read at build time.
struct DataShape {
  std::vector<int64_t> extents; ///< The first counts the examples.
  enum { Boolean, Whole, Float } elements = Whole;
  std::string error; ///< not empty: why the header could not be read
};
using DataShapeReader =
    std::function<DataShape(DataSource::Kind kind, const DataColumn &column)>;

struct ElaborateOptions {
  std::map<std::string, int64_t> defines; ///< `-D H=32`
  bool f64 = false; ///< `--precision f64`: every f32 is an f64.
  DataShapeReader readShape;
};

/// The program of a parsed file, or nothing if it has an error, which is then
/// in `sink`. Files that it imports and `std` are added to `sources`.
std::optional<Program> elaborate(const ast::File &file,
                                 const ElaborateOptions &options,
                                 SourceManager &sources, DiagnosticSink &sink);

} // namespace nnc

#endif // NNC_FRONTEND_ELABORATE_H
