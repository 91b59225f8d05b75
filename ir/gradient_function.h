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

/// The derivatives that a net or a test asks for, by themselves: a function
/// whose results are those of the `gradient` ops in its body, called
/// `db_dx`. Constants that have a name in the program become its inputs, so
/// that the derivative is that of a formula. Null if it asks for none. Wants
/// the graph as elaborated.
std::unique_ptr<Function> derivativesOf(const Function &function);

} // namespace nnc

#endif // NNC_IR_GRADIENT_FUNCTION_H
