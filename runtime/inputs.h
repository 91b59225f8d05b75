//===- runtime/inputs.h - A function's inputs on the command line ---------===//
#ifndef NNRT_INPUTS_H
#define NNRT_INPUTS_H

#include "runtime/executor.h"
#include "runtime/options.h"
#include "runtime/value.h"

namespace nnrt {

/// Values for the Input arguments of a function, and for its dimensions.
class Inputs {
public:
  /// `user` needs them, in messages.
  Inputs(const Program &program, const Function &function, const char *user);

  /// What the net says where nothing is given.
  void addDefaults(const Net &net);
  /// An option for each input and for each dimension. They point into here.
  void addTo(Array<OptionSpec> &specs);
  bool anyGiven() const;
  /// Whether one of them was text.
  bool anyText() const;
  /// Reads what was given. Every input needs a value.
  bool read(Error &error);
  bool bind(const Variables &variables, const Team &team, Call &call,
            Error &error) const;

  const Function &function;
  Array<int64_t> dims; ///< -1 where it is not given.

private:
  const char *user;
  bool takesText; ///< Without quotes.
  // One an argument.
  Array<const char *> texts;
  Array<Text> helps;
  Array<Value> values;
  Array<Offer> offers;
};

} // namespace nnrt

#endif // NNRT_INPUTS_H
