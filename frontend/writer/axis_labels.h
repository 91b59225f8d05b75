//===- axis_labels.h: names for axes in contractions ----------------------===//
//
// The front end's rules of renaming (frontend/contraction.cpp), as seen from
// the text: which label may stand for an axis that has a name, or none.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_WRITER_AXIS_LABELS_H
#define NNC_FRONTEND_WRITER_AXIS_LABELS_H

#include "ir/dim.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace nnc {

class AxisLabels {
public:
  /// `symbols` are the sizes of the file; `bound` those of the net's inputs.
  AxisLabels(std::set<std::string> symbols, std::set<std::string> bound)
      : symbols(std::move(symbols)), bound(std::move(bound)) {}

  /// The program's own name for axes of a constant size; the first one counts.
  void prefer(const Dim &size, const std::string &name);

  /// The one name for an axis of this size, the n-th of a list (from 0). Since
  /// it hangs on the size alone, results of contractions go together.
  const std::string &labelOf(const Dim &size, int64_t n);
  /// A name that no axis has.
  std::string freshLabel();

  /// Whether an axis that is called `actual` may be called `label` in a list.
  bool mayCall(const std::string &actual, const std::string &label) const;
  /// The same of several axes of one contraction; the first one may give a new
  /// label what it renames.
  bool mayCall(const std::vector<std::string> &actual,
               const std::string &label) const;
  /// Takes note that it is.
  void use(const std::string &actual, const std::string &label);

private:
  std::set<std::string> symbols, bound, taken;
  std::map<std::string, std::string> preferred; ///< By size.
  std::map<std::pair<std::string, int64_t>, std::string> labels;
  std::map<std::string, std::string> renamed; ///< What a label renames.
  int64_t nextLetter = 0;
};

} // namespace nnc

#endif // NNC_FRONTEND_WRITER_AXIS_LABELS_H
