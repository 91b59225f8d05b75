#include "tools/pass_printer.h"

#include <algorithm>
#include <iostream>

namespace nnc {

bool PassPrinter::names(std::string_view name) const {
  return std::find(passes.begin(), passes.end(), name) != passes.end();
}

FunctionText PassPrinter::textOf(const Function &function) const {
  return {print(function, how), print(function)};
}

void PassPrinter::before(const Function &function) {
  if (names("changed"))
    last = textOf(function);
}

void PassPrinter::after(const Pass &pass, const Function &function,
                        const std::string &target) {
  std::string text;
  if (names(pass.name))
    text = print(function, how);
  else if (names("changed") && pass.from != pass.to)
    text = print(function, how); // Another stage: all is new.
  else if (names("changed"))
    text = functionDiff(last, textOf(function));
  if (text.empty())
    return;
  std::cerr << "# " << ++printed << ": @" << function.name << " after "
            << pass.name << (target.empty() ? "" : " for " + target) << "\n"
            << text << "\n";
}

} // namespace nnc
