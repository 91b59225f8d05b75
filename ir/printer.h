//===- ir/printer.h - IR as text ------------------------------------------===//
//
// The text reads back (ir/parser.h) as the same IR, if nothing is left out. Its
// grammar is in docs/ir.md.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_PRINTER_H
#define NNC_IR_PRINTER_H

#include "ir/op.h"

#include <cstdint>

namespace nnc {

struct PrintOptions {
  /// Of a constant with more elements the first ones are shown, and how many
  /// follow: `dense[1.0, 2.0, ... 998 more]`, which does not read back.
  size_t mostElements = SIZE_MAX;
};

std::string print(const Module &module, PrintOptions options = {});
std::string print(const Function &function, PrintOptions options = {});
/// One op, for messages; operands that it does not define print as their
/// hints.
std::string print(const Op &op);

} // namespace nnc

#endif // NNC_IR_PRINTER_H
