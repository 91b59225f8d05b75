//===- tools/driver.h - What nnc's subcommands have in common -----------===//
#ifndef NNC_TOOLS_DRIVER_H
#define NNC_TOOLS_DRIVER_H

#include "codegen/compile.h"
#include "ir/kernels/tuning.h"
#include "ir/program.h"
#include "tools/pass_printer.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nnc {

struct DriverOptions {
  std::string file;
  std::vector<std::string> defines; ///< "H=32"
  std::optional<int> statedLevel;   ///< -O
  std::string march; ///< Empty: every x86 level (build), the host (else).
  std::string precision = "f32";
  std::vector<std::string> printAfter; ///< Pass names, or "changed".
  bool timePasses = false;
  std::vector<std::string> disabledRules;
  int64_t optBisect = -1;     ///< How many rewrites are made; below 0, all.
  std::string remarks;        ///< "applied", "missed", "json" or none.
  bool fullConstants = false; ///< emit shows every element of them.
  std::optional<std::string> weights; ///< To be frozen into the program.
  std::string as = "ir"; ///< In what emit shows the graph: or "nn".
  std::optional<std::string> memoryLimit; ///< "200MB"
  bool assumeFinite = false;
  /// The table of measured schedules; empty: the one beside the program.
  std::optional<std::string> tune;
  std::string sysroot; ///< Where build finds the C library; empty: /.
  bool colour = false; ///< In messages.

  int level() const { return statedLevel.value_or(2); }
};

/// What nnc build makes.
struct BuildOptions {
  std::string output;
  bool isStatic = false;     ///< Even libc is linked into the program.
  bool keepsSymbols = false; ///< The names of functions, for a profiler.
};

/// How far a program is taken.
enum class Phase { Graph, Grad, Opt, Kernels, Loops };

/// Large constants are shown by their first elements, unless all are asked for.
PrintOptions printOptions(const DriverOptions &options);

class Driver {
public:
  explicit Driver(DriverOptions options);

  /// 0, or the exit code of what went wrong, which has been printed.
  int exitCode() const { return code; }

  /// Parses, checks and elaborates.
  std::optional<Program> load();
  /// Takes an elaborated program through the graph's passes up to `phase`
  /// (Graph, Grad or Opt).
  bool optimise(Program &program, Phase phase);
  /// The rest of the way, for one target.
  bool lower(Program &program, const Target &target, Phase phase);

  /// Takes one function through pipelines, the later ones for one target, and
  /// counts its rewrites with those of the functions before it.
  bool compile(Function &function,
               std::initializer_list<std::string_view> pipelines);

  int emit(const std::string &stage, const std::string &output);
  int build(const BuildOptions &build);
  /// Compiles in memory and gives the runtime a command line.
  int execute(const std::vector<std::string> &arguments);

  /// Reads texts such as "B=64", which stood after `option`.
  bool parseSizes(const std::vector<std::string> &texts,
                  const std::string &option,
                  std::map<std::string, int64_t> &sizes);
  /// The instruction set of --march, else the best one that this machine has;
  /// null, and a message, if there is none of the name.
  const Target *oneTarget();
  /// For that one. Requires that there is one.
  PassContext passContext();
  /// Of the program's floats.
  Elem precision() const;

  /// Prints what a pass has found, if it has; true if not.
  bool report(const std::optional<PassError> &error);
  /// Prints what --time-passes asks for, if it is given.
  void printTimes() const;
  /// Prints what --opt-bisect asks for, if it is given.
  void printRewrites() const;
  /// Prints an error of the command line; gives the exit code.
  int fail(const std::string &message, int exitCode = 1);

private:
  /// The graph at a stage as a program; nothing if an error was reported.
  std::optional<std::string> programText(Program &program, Phase phase);
  std::vector<const Target *> targets();
  /// For what all targets share: all that the user asks of the optimiser.
  PassContext contextForGraph();
  /// `target` is the instruction set that passes work for; "": for all.
  PassObserver observer(std::string target = "");
  bool prepareLog();
  /// Reads the table of --tune; one that is not there is empty.
  bool readTuning();
  /// Measures what it lacks, if this machine can, and writes it.
  bool measureTuning(const Program &program,
                     const std::vector<const Target *> &list);
  void printWarnings();
  void printRemarks() const;

  DriverOptions options;
  RewriteLog log;
  std::optional<Tuning> tuning;
  int64_t memoryLimit = 0;
  int code = 0;
  /// What build compiles. Kept, as the driver itself is: the system takes
  /// memory back quicker than destructors do.
  std::deque<Program> programs;
  PassPrinter passPrinter;
  std::map<std::string, double> seconds; ///< Of passes, and what else takes
                                         ///< time.
};

} // namespace nnc

#endif // NNC_TOOLS_DRIVER_H
