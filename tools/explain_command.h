//===- tools/explain_command.h - nnc explain ------------------------------===//
#ifndef NNC_TOOLS_EXPLAIN_COMMAND_H
#define NNC_TOOLS_EXPLAIN_COMMAND_H

#include "tools/driver.h"

namespace nnc {

struct ExplainOptions {
  std::vector<std::string> nets;  ///< All, if there is none.
  std::vector<std::string> sizes; ///< "B=64"; 1 where none is given.
  std::string peak;               ///< "GFLOP/s,GB/s"; measured if empty.
  bool measures = false;          ///< Runs each kernel.
  bool asJson = false;            ///< `netGraph`, a line for each net.
  std::string page; ///< Where a page goes that shows it; none if empty.
};

/// Prints what each layer of the nets takes, and each kernel that they become,
/// and the steps of training.
/// Returns the exit code.
int explain(Driver &driver, const ExplainOptions &options);

} // namespace nnc

#endif // NNC_TOOLS_EXPLAIN_COMMAND_H
