//===- runtime/options.h - The command line -------------------------------===//
#ifndef NNRT_OPTIONS_H
#define NNRT_OPTIONS_H

#include "runtime/error.h"

namespace nnrt {

enum class OptionKind { Flag, Integer, Text };

/// One row of a command's table. `target` is a bool, an int64_t, a const char*
/// or, if `many`, an Array<const char *>.
struct OptionSpec {
  const char *name;     ///< "epochs", given as --epochs
  const char *letter;   ///< "o", given as -o; or null
  const char *argument; ///< "N", for the help; null for a flag
  const char *help;
  OptionKind kind;
  void *target;
  bool *given = nullptr;
  int64_t least = 0; ///< The smallest integer allowed.
  bool many = false;
};

/// Takes the options out of `argv`; what is left are the positional arguments.
/// `--name=value` is the same as `--name value`; after `--` nothing is an
/// option. Sets `help` at --help or -h.
bool parseOptions(int argc, char **argv, const OptionSpec *specs, int64_t count,
                  Array<const char *> &positional, bool &help, Error &error);

/// One line for each option.
Text optionsHelp(const OptionSpec *specs, int64_t count);

/// A whole decimal number.
bool parseInteger(const char *text, int64_t &value);

} // namespace nnrt

#endif // NNRT_OPTIONS_H
