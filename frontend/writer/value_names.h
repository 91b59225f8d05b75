//===- value_names.h: names for values ------------------------------------===//
#ifndef NNC_FRONTEND_WRITER_VALUE_NAMES_H
#define NNC_FRONTEND_WRITER_VALUE_NAMES_H

#include "ir/op.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace nnc {

/// Names that the language lets stand for values, each given once.
class ValueNames {
public:
  /// `wish`, made a name, with a number behind it if it is taken.
  std::string unique(const std::string &wish);
  /// For a result: as the program called it, or after the op.
  std::string forValue(const Value &value);

private:
  std::set<std::string> taken;
  std::map<std::string, int64_t> next; ///< The last number of each name.
};

/// For those of a function's arguments that are variables of the program a name
/// from the path: of "Xor.dense1.w" beside "Xor.dense2.w", "dense1_w".
std::map<int64_t, std::string>
variableNames(const Function &function, const std::vector<int64_t> &arguments);

} // namespace nnc

#endif // NNC_FRONTEND_WRITER_VALUE_NAMES_H
