//===- ir/pass.h - Passes and pipelines -----------------------------------===//
//
// A pass is one file, ir/passes/NAME.cpp, that defines one `const Pass
// pass_NAME`; the build collects the folder into the table. Its name on the
// command line has dashes for the underscores. ir/pipelines.cpp lists every
// pipeline. The verifier runs after every pass in every build.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_PASS_H
#define NNC_IR_PASS_H

#include "ir/memory_use.h"
#include "ir/op.h"
#include "ir/op_def.h"
#include "ir/rewriter.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nnc {

/// Why a pass cannot go on: a limitation (exit 2) or, where the input may be
/// wrong, the user's error (exit 1).
struct PassError {
  enum Kind { User, Unsupported } kind;
  std::string message;
  Location location;
};

/// What passes may know of the machine that they compile for.
struct Machine {
  std::string name = "x86-64-v3";
  /// The register tile of the micro-kernel.
  int64_t tileRows = 6, tileColumns = 16;
  /// Bytes, of the smallest machine that we care for.
  int64_t cacheL1 = 32 << 10, cacheL2 = 512 << 10;
  int64_t waysL1 = 8; ///< Lines that L1 holds of the same place in a way.
};

class Tuning;

struct PassContext {
  Machine machine;
  int level = 2; ///< -O0 to -O3
  /// Bytes that a step of training may take beside the variables; 0: any.
  int64_t memoryLimit = 0;
  /// Whether the user promises that no NaN and no infinity arises.
  bool assumeFinite = false;
  MemoryPlanner planner = leastArena; ///< How the runtime places temporaries.
  const Tuning *tuning = nullptr;     ///< Schedules that were measured, if any.
  RewriteLog *log = nullptr; ///< If anybody wants to know, or to forbid.

  bool allows(std::string_view rule) const { return !log || log->allows(rule); }
  bool records() const { return log && log->records; }
  void count(std::string_view rule, const Location &location) const {
    if (log)
      log->count(rule, location);
  }
  void record(Remark remark) const {
    if (log)
      log->record(std::move(remark));
  }
  void warn(Warning warning) const {
    if (log)
      log->warnings.push_back(std::move(warning));
  }
  void applied(Remark remark) const {
    count(remark.rule, remark.location);
    record(std::move(remark));
  }
};

struct Pass {
  std::string_view name; ///< "dead-code"
  std::string_view doc;  ///< One sentence.
  unsigned from, to;     ///< The stages (ir/op_def.h) before and after.
  std::optional<PassError> (*run)(Function &function,
                                  const PassContext &context);
  /// Its rewrites go by its own name: it asks the log before each of them.
  bool asks = false;
  /// What it does holds for real numbers, not for NaN and infinities. It does
  /// nothing to what is run, unless the user asks for it.
  bool ofRealNumbers = false;
  /// The rules that it applies, if it is made of rules.
  std::span<const std::span<const RewriteRule>> rules = {};
};

std::span<const Pass *const> allPasses();
const Pass *findPass(std::string_view name);
/// The names of all rules, and of the passes that ask under their own.
std::vector<std::string_view> rewriteNames();

/// The pipelines, by name: "grad", "opt", "kernels", "loops". Each goes on from
/// the one before; "text", for `emit --as=nn`, follows "grad" of level 0.
std::span<const std::string_view> pipelineNames();
std::vector<const Pass *> pipeline(std::string_view name, int level);

/// Watches passes run; every member may be empty.
struct PassObserver {
  std::function<void(const Pass &, const Function &)> before;
  /// `seconds`: the time that the pass took, without the verifier.
  std::function<void(const Pass &, const Function &, double seconds)> after;
};

/// Runs passes in order over one function. A function that does not verify
/// after a pass is an internal error.
std::optional<PassError> runPasses(Function &function,
                                   std::span<const Pass *const> passes,
                                   const PassContext &context,
                                   const PassObserver &observer = {});

} // namespace nnc

#endif // NNC_IR_PASS_H
