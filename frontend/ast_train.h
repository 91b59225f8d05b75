//===- ast_train.h: train blocks ------------------------------------------===//
#ifndef NNC_FRONTEND_AST_TRAIN_H
#define NNC_FRONTEND_AST_TRAIN_H

#include "frontend/ast_def.h"

namespace nnc::ast {

/// A clause of a train block, or of a step in it, in file order.
struct TrainItem {
  enum Kind {
    Data,      ///< names (types), values
    Loss,      ///< value
    Optimizer, ///< value: a Call; patterns
    ClipNorm,  ///< value
    ClipValue, ///< value
    Batch,     ///< value
    Epochs,    ///< value
    Shuffle,   ///<
    Seed,      ///< value
    Metric,    ///< value; onHeld, or names (types) and values of its own
    Picture,   ///< the same
    Hold,      ///< value
    KeepBest,  ///<
    KeepHighest,
    KeepLowest,
    StopAfter,  ///< value
    Accumulate, ///< value
    Freeze,     ///< paths
    Start,      ///< paths (one), text: the file
    Step,       ///< paths, value: of `every`, or null; items
    Bind,       ///< statement: an Assign
    Print,      ///< statement: a Print
  };
  struct DataName {
    Ident name;
    std::optional<Type> type;
  };
  Kind kind = Loss;
  Loc loc;
  ExprPtr value;
  std::vector<DataName> names;
  std::vector<ExprPtr> values; ///< one for all names, or one for each
  std::vector<String> patterns;
  bool onHeld = false;
  std::vector<Name> paths;
  std::string text;
  Loc textLoc;
  std::vector<TrainItem> items;
  StmtPtr statement;
};
const char *spelling(TrainItem::Kind kind);

/// `train X, Y { … }`.
struct Train : DefOf<DefKind::Train> {
  std::vector<Name> nets;
  std::vector<TrainItem> items;
  Loc bodyEnd;
};

} // namespace nnc::ast

#endif // NNC_FRONTEND_AST_TRAIN_H
