//===- tools/pass_printer.h - What --print-after shows --------------------===//
#ifndef NNC_TOOLS_PASS_PRINTER_H
#define NNC_TOOLS_PASS_PRINTER_H

#include "ir/pass.h"
#include "ir/printer.h"
#include "tools/function_diff.h"

#include <string>
#include <vector>

namespace nnc {

/// Prints functions after passes, numbered, to standard error; large constants
/// as `how` says.
class PassPrinter {
public:
  /// `passes` are names: the whole function is shown after these. Or "changed":
  /// what a pass changed in it, or all of it if it has come to another stage.
  PassPrinter(std::vector<std::string> passes, PrintOptions how)
      : passes(std::move(passes)), how(how) {}

  void before(const Function &function);
  /// `target` is said if it is not "": a program has a function for each.
  void after(const Pass &pass, const Function &function,
             const std::string &target = "");

private:
  bool names(std::string_view name) const;
  FunctionText textOf(const Function &function) const;

  std::vector<std::string> passes;
  PrintOptions how;
  FunctionText last;
  int printed = 0;
};

} // namespace nnc

#endif // NNC_TOOLS_PASS_PRINTER_H
