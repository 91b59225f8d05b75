//===- tools/pass_printer.h - What --print-after shows --------------------===//
#ifndef NNC_TOOLS_PASS_PRINTER_H
#define NNC_TOOLS_PASS_PRINTER_H

#include "ir/pass.h"
#include "ir/printer.h"

#include <string>
#include <vector>

namespace nnc {

/// Prints functions after passes, numbered, to standard error; large constants
/// as `how` says.
class PassPrinter {
public:
  /// `passes` are names, or "changed": those that change the function.
  PassPrinter(std::vector<std::string> passes, PrintOptions how)
      : passes(std::move(passes)), how(how) {}

  void before(const Function &function);
  /// `target` is said if it is not "": a program has a function for each.
  void after(const Pass &pass, const Function &function,
             const std::string &target = "");

private:
  bool names(std::string_view name) const;

  std::vector<std::string> passes;
  PrintOptions how;
  std::string lastText; ///< With all elements of constants, which may change.
  int printed = 0;
};

} // namespace nnc

#endif // NNC_TOOLS_PASS_PRINTER_H
