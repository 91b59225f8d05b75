//===- ir/rewrite_log.h - What optimisations may do, and what they did ----===//
//
// Every optimisation is a rewrite with a name: a rule of a pass
// (ir/rewriter.h), or a pass (Pass::asks). Each asks the log just before it
// changes something and tells it afterwards, so that a user can see what was
// done (`--remarks`), leave one out (`--disable-rule`), and find the one that
// does harm by halves (`--opt-bisect`).
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_REWRITE_LOG_H
#define NNC_IR_REWRITE_LOG_H

#include "ir/op.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nnc {

/// What ops take: products that are added up, and bytes that each must read
/// and write once.
struct Work {
  Dim multiplyAdds, bytes;
};

/// Of an op, with its regions, as often as the loops around it run it.
Work workOf(const Op &op);
Work operator+(const Work &a, const Work &b);

/// "m.nn:12", or the function where no line is known.
std::string placeOf(const Location &where, const std::string &function);

/// What one rewrite did, or nearly did, in the program's terms.
struct Remark {
  std::string_view rule;
  bool missed = false;
  std::string text; ///< "3 products of x become one"
  Location location = {};
  /// Of what it took away, and of what it put there.
  Work before = {}, after = {};
  Location source = {};      ///< Of what computes an operand, if that matters.
  std::string function = {}; ///< The log fills it in.
};

/// What a user should know, though the program is right.
struct Warning {
  std::string message;
  Location location = {};
  struct Note {
    std::string message;
    Location location;
  };
  std::vector<Note> notes = {};
};

class RewriteLog {
public:
  std::vector<Warning> warnings;
  /// Names of rules and passes that are left out.
  std::set<std::string, std::less<>> disabled;
  /// If not empty, all others are left out.
  std::string only;
  /// How many rewrites may be made; below 0, all.
  int64_t limit = -1;
  /// Whether `remarks` is kept, which takes time.
  bool records = false;
  /// The function that is worked on.
  std::string function;

  bool allows(std::string_view rule) const;
  void count(std::string_view rule, const Location &location);
  int64_t counted() const { return rewrites; }
  /// "m.nn:12: neg-neg", what was counted last; "" before the first. Remarks do
  /// not tell: equal ones are put together, and some tell of several rewrites.
  std::string last() const;
  /// Keeps the remark if `records`.
  void record(Remark remark);
  const std::vector<Remark> &remarks() const { return kept; }

private:
  int64_t rewrites = 0;
  std::string_view lastRule;
  Location lastLocation = {};
  std::string lastFunction;
  std::vector<Remark> kept;
};

} // namespace nnc

#endif // NNC_IR_REWRITE_LOG_H
