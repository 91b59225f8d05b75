#include "ir/gather_rules.h"

namespace nnc::rules {

Shape gatheredShape(const Shape &table, const Shape &ids, int64_t axis) {
  Shape shape(table.begin(), table.begin() + axis);
  shape.insert(shape.end(), ids.begin(), ids.end());
  shape.insert(shape.end(), table.begin() + axis + 1, table.end());
  return shape;
}

GatherMaps::GatherMaps(const Type &tableType, const Type &idType,
                       int64_t axis) {
  rowAxes = LoweringContext::axesOf(
      gatheredShape(tableType.shape(), idType.shape(), axis));
  rows = LoweringContext::identity(rowAxes);
  auto begin = rowAxes.begin() + axis, end = begin + idType.rank();
  idAxes.assign(begin, end);
  tableAxes.assign(rowAxes.begin(), begin);
  tableAxes.insert(tableAxes.end(), end, rowAxes.end());
  ids = LoweringContext::identity(idAxes);
  table = LoweringContext::identity(tableAxes);
  table.insert(table.begin() + axis, Dim::symbol(row));
}

} // namespace nnc::rules
