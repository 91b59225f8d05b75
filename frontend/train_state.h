//===- train_state.h: a train block that is being elaborated --------------===//
#ifndef NNC_FRONTEND_TRAIN_STATE_H
#define NNC_FRONTEND_TRAIN_STATE_H

#include "frontend/elaborator.h"

namespace nnc {

/// The clauses of a train block or of one `step` in it that stand once, and its
/// optimizers.
struct Clauses {
  std::map<ast::TrainItem::Kind, const ast::TrainItem *> single;
  std::vector<const ast::TrainItem *> optimizers;

  const ast::TrainItem *find(ast::TrainItem::Kind kind) const {
    auto found = single.find(kind);
    return found == single.end() ? nullptr : found->second;
  }
};

struct TrainState {
  const ast::Train &train;
  Clauses clauses;
  TrainEntry entry;
  int64_t index; ///< of the block in the program
  std::set<std::string> nets;
  std::vector<std::string> frozen; ///< nets, instances and parameters

  /// Gives the optimizers' variables their first values.
  FunctionState init;
  std::unique_ptr<Function> initFunction;
  std::vector<Value *> initResults;
  std::vector<AttrDict> initAttrs;
};

/// One `step`, or the whole block where there is none.
struct StepState {
  const ast::TrainItem *item; ///< null for the whole block
  const std::vector<ast::TrainItem> &items;
  Clauses clauses;
  std::string name; ///< of its function
  /// What stands before the names of its optimizers' variables.
  std::string prefix;
  StepEntry entry;
  std::vector<std::string> paths; ///< the parameters that it updates
};

/// The path of a file as seen from the folder in which the .nn file stands.
std::string besides(const std::string &file, const std::string &path);

/// Whether a path is `whole` or a part of what `whole` names.
inline bool isBelow(const std::string &path, const std::string &whole) {
  return path.starts_with(whole) &&
         (path.size() == whole.size() || path[whole.size()] == '.');
}

/// Whether it is so for one of `wholes`.
bool isBelowAny(const std::string &path,
                const std::vector<std::string> &wholes);

} // namespace nnc

#endif // NNC_FRONTEND_TRAIN_STATE_H
