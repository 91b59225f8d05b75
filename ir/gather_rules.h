//===- ir/gather_rules.h - Rules that indexed reads and writes share ------===//
//
// `gather`, `scatter_add` and `update` relate a table, indices, and rows whose
// axes are the table's, with those of the indices in place of the indexed one.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_GATHER_RULES_H
#define NNC_IR_GATHER_RULES_H

#include "ir/reduction_rules.h"

namespace nnc::rules {

/// table[:axis] + ids + table[axis+1:]
Shape gatheredShape(const Shape &table, const Shape &ids, int64_t axis);

/// The maps of a nest over all rows.
struct GatherMaps {
  GatherMaps(const Type &table, const Type &ids, int64_t axis);

  /// The symbol that stands for the index.
  static constexpr const char *row = "row";
  std::vector<NestAxis> rowAxes;   ///< All axes of the rows, in order.
  std::vector<NestAxis> tableAxes; ///< Those that come from the table.
  std::vector<NestAxis> idAxes;
  Shape table, ids, rows;
};

/// Calls `visit(place in the table, place in the rows)` for each element of the
/// rows, in order; stops the program at an index out of range.
template <typename F>
void forEachGathered(EvaluationContext &c, const Tensor &table,
                     const Tensor &ids, const Tensor &rows, F visit) {
  if (rows.size() == 0)
    return;
  int64_t axis = c.op.attr("axis").asInt();
  Extents index(rows.shape.size(), 0);
  int64_t place = 0;
  do {
    auto idBegin = index.begin() + axis, idEnd = idBegin + ids.rank();
    int64_t row = static_cast<int64_t>(ids.at(Extents(idBegin, idEnd)));
    if (row < 0 || row >= table.shape[axis])
      return c.stop("index " + std::to_string(row) +
                    " is out of range for an axis of size " +
                    std::to_string(table.shape[axis]));
    Extents at(index.begin(), idBegin);
    at.push_back(row);
    at.insert(at.end(), idEnd, index.end());
    visit(table.offset(at), place++);
  } while (advance(index, rows.shape));
}

} // namespace nnc::rules

#endif // NNC_IR_GATHER_RULES_H
