//===- data_clause.h: a data clause that is being elaborated --------------===//
#ifndef NNC_FRONTEND_DATA_CLAUSE_H
#define NNC_FRONTEND_DATA_CLAUSE_H

#include "frontend/ast_train.h"
#include "frontend/value.h"
#include "ir/program.h"

namespace nnc {

/// A `data` clause that is being elaborated.
struct DataClause {
  std::vector<const ast::TrainItem::DataName *> names;
  bool direct = false; ///< The value is the data as read.
  int64_t rows = -1;   ///< of its literals
  std::vector<DataSource> made;
  DataSource literals;
};

/// `csv("f.csv", x = 0:4)`, taken apart.
struct DataCall {
  Loc loc;
  std::vector<std::string> paths;
  std::vector<const ast::Arg *> named;
};

/// A column that such a call gives, with what is known of it without a type.
struct SourceColumn {
  DataColumn data;
  std::optional<Shape> rest; ///< The axes after the examples'.
  AxisNames axes;
  std::optional<Elem> elem; ///< f32 (or f64) if there is none
};

} // namespace nnc

#endif // NNC_FRONTEND_DATA_CLAUSE_H
