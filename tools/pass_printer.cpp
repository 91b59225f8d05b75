#include "tools/pass_printer.h"

#include <algorithm>
#include <iostream>

namespace nnc {

bool PassPrinter::names(std::string_view name) const {
  return std::find(passes.begin(), passes.end(), name) != passes.end();
}

void PassPrinter::before(const Function &function) {
  if (names("changed"))
    lastText = print(function);
}

void PassPrinter::after(const Pass &pass, const Function &function,
                        const std::string &target) {
  if (!names(pass.name) && !(names("changed") && print(function) != lastText))
    return;
  std::cerr << "# " << ++printed << ": @" << function.name << " after "
            << pass.name << (target.empty() ? "" : " for " + target) << "\n"
            << print(function, how) << "\n";
}

} // namespace nnc
