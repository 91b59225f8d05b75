//===- elaborator_state.h: the walk's state, and its messages -------------===//
//
// One Elaborator serves one program. What it does is spread over the classes
// that it is made of, each with a header: this one, ExpressionElaborator,
// BuiltinElaborator and Elaborator. All are private to frontend/.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_ELABORATOR_STATE_H
#define NNC_FRONTEND_ELABORATOR_STATE_H

#include "frontend/elaborate.h"
#include "frontend/frame.h"
#include "frontend/spelling.h"

namespace nnc {

class ElaboratorState {
protected:
  ElaboratorState(const ElaborateOptions &options, SourceManager &sources,
                  DiagnosticSink &sink)
      : options(options), sink(sink), sources(sources), scopes(sources, sink) {}
  virtual ~ElaboratorState() = default;

  //===-- messages (messages.cpp) ----------------------------------------===//
  Diagnostic &error(Loc loc, const std::string &message);
  Val poison(Loc loc, const std::string &message) {
    error(loc, message);
    return {};
  }
  /// An error that no sizes could mend.
  Diagnostic &typeError(Loc loc, const std::string &message) {
    Diagnostic &result = error(loc, message);
    result.holdsForAnySize = true;
    return result;
  }
  Val mistyped(Loc loc, const std::string &message) {
    typeError(loc, message);
    return {};
  }
  /// `limitation` is one of limitations.h; `which` says which one of several.
  Val unsupported(Loc loc, const char *limitation,
                  const std::string &which = "");
  /// An error at a name that is none of `known`, with the nearest as the fix.
  Diagnostic &unknown(const ast::Ident &name, const std::string &message,
                      const std::vector<std::string> &known);
  void unknownName(const ast::Ident &name, const std::string &what);
  Location location(Loc loc);
  static std::shared_ptr<const std::string> layerOf(Frame &frame);
  /// The line of the program that led to one of std's: what can stop a program
  /// is at its own line.
  Loc outsideStd(Loc loc);
  void at(Loc loc) { state->builder->location = location(loc); }
  Builder &builder() { return *state->builder; }

  virtual std::vector<std::string> builtinNames() const = 0;

  const ElaborateOptions &options;
  DiagnosticSink &sink;
  SourceManager &sources;
  Scopes scopes;
  Program program;
  FunctionState *state = nullptr;
  FunctionState initState;
  Frame *frame = nullptr;
  int scopeCount = 0;
  /// A definition that nothing calls is tried, with sizes that are symbols.
  bool onTrial = false;
  /// Calls in all trials: they end where these are many (see trial.cpp).
  int trialCalls = 0;
  /// In all trials, and in each function.
  static constexpr int maxCalls = 100000;
  int foldNamed = 0; ///< In a condition, named literals count as numbers.
  Dim batch;         ///< The examples' axis; 0 until it is known.
  /// The paths of the nets and of the shared layers that each net calls.
  std::map<std::string, std::set<std::string>> netCalls;
  std::set<const ast::Callable *> called;
  std::set<std::string> frozen; ///< paths
  /// Of each variable, where it is declared and the names of its axes.
  std::map<std::string, Loc> variableLocs;
  std::map<std::string, AxisNames> variableAxes;

private:
  std::map<uint32_t, std::shared_ptr<const std::string>> fileNames;
};

} // namespace nnc

#endif // NNC_FRONTEND_ELABORATOR_STATE_H
