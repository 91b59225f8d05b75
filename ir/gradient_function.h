//===- ir/gradient_function.h - The gradients of a step by themselves -----===//
#ifndef NNC_IR_GRADIENT_FUNCTION_H
#define NNC_IR_GRADIENT_FUNCTION_H

#include "ir/program.h"

namespace nnc {

/// Gives each step of training that has a gradient a function beside it,
/// StepEntry::gradientFunction: from a batch and the variables to the loss and
/// its derivative by each parameter, before any clipping, which changes
/// nothing. Wants the graph as elaborated, before `differentiate`.
void addGradientFunctions(Program &program);

} // namespace nnc

#endif // NNC_IR_GRADIENT_FUNCTION_H
