//===- diagnostic.h: what nnc tells the user about the program ------------===//
#ifndef NNC_FRONTEND_DIAGNOSTIC_H
#define NNC_FRONTEND_DIAGNOSTIC_H

#include "frontend/source.h"

#include <string>
#include <vector>

namespace nnc {

enum class Severity {
  Error,       ///< the program is wrong: exit 1
  Unsupported, ///< the program is right, and nnc cannot do it yet: exit 2
  Warning,
};

/// A message with the notes that belong to it.
struct Diagnostic {
  struct Note {
    Loc loc;
    std::string message;
  };
  /// What would mend it: `text` in the place of `length` bytes at `loc`. It is
  /// shown below the caret if it stands on the caret's line.
  struct Fix {
    Loc loc;
    size_t length;
    std::string text;
  };
  Severity severity = Severity::Error;
  Loc loc;
  std::string message;
  std::vector<Note> notes;
  std::vector<Fix> fixes;
  /// It is an error of types, which no size could mend. Such alone are believed
  /// of a definition that nothing calls.
  bool holdsForAnySize = false;

  /// Attaches "… gets its axis K here" and the like.
  Diagnostic &note(Loc loc, std::string message);
  /// Shows what to write. No text, no fix: `fix(loc, n, nearest(...))`.
  Diagnostic &fix(Loc loc, size_t length, std::string text);
};

/// Collects diagnostics, and prints them in file order:
///
///     encoder.nn:13:7: error: axis K is 32 in q but 64 in k
///        13 |   s = q[B, N, T, K] * k[B, N, S, K] -> [B, N, T, S]
///           |       ^
///
/// A fix stands below the caret, where its text belongs.
class DiagnosticSink {
public:
  explicit DiagnosticSink(const SourceManager &sources) : sources(sources) {}

  /// The reference is good until the next diagnostic.
  Diagnostic &error(Loc loc, std::string message);
  Diagnostic &unsupported(Loc loc, std::string message);
  Diagnostic &warning(Loc loc, std::string message);

  bool hasErrors() const { return failures != 0; }
  /// Errors and limitations so far: compare before and after a step.
  size_t errorCount() const { return failures; }
  /// 0, 1 (any error), or 2 (limitations only).
  int exitCode() const;
  const std::vector<Diagnostic> &all() const { return diagnostics; }

  /// For what is elaborated on trial: `rollBack` takes back what came since.
  struct Mark {
    size_t diagnostics, failures;
  };
  Mark mark() const { return {diagnostics.size(), failures}; }
  void rollBack(const Mark &mark);

  /// All diagnostics as text; at most `maxOfEach` errors, and as many warnings.
  /// In colour for a terminal.
  std::string render(bool inColour = false) const;
  static constexpr size_t maxOfEach = 20;

private:
  Diagnostic &add(Severity severity, Loc loc, std::string message);

  const SourceManager &sources;
  std::vector<Diagnostic> diagnostics;
  size_t failures = 0;
};

} // namespace nnc

#endif // NNC_FRONTEND_DIAGNOSTIC_H
