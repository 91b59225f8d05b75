//===- ir/printer.h - IR as text ------------------------------------------===//
//
// The text reads back (ir/parser.h) as the same IR. Its grammar is in
// docs/ir.md.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_PRINTER_H
#define NNC_IR_PRINTER_H

#include "ir/op.h"

namespace nnc {

std::string print(const Module &module);
std::string print(const Function &function);
/// One op, for messages; operands that it does not define print as their
/// hints.
std::string print(const Op &op);

} // namespace nnc

#endif // NNC_IR_PRINTER_H
