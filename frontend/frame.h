//===- frame.h: what is known at a place of the walk ----------------------===//
//
// Of the function that is being built, of the loop and of the activation.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_FRAME_H
#define NNC_FRONTEND_FRAME_H

#include "frontend/scope.h"
#include "frontend/value.h"
#include "ir/builder.h"

namespace nnc {

struct DataClause;
struct Frame;

/// A parameter or state in a loop's body: of one that this loop stacks, a
/// turn's part; of another state, what the turns before made of it.
struct LoopVariable {
  std::string path;
  LoopState *stacked = nullptr; ///< the innermost `repeat` that stacks it
  Value *outside = nullptr;     ///< where the loop begins; of a part, the whole
  Value *argument = nullptr;    ///< what stands for it in the body
  Value *now = nullptr;         ///< after the updates so far
  bool isChanged() const { return now != argument; }
};

/// A value that `print` shows, and what stands before it.
struct Printed {
  Value *value;
  std::string text;
};

/// A loop whose body is being elaborated.
struct LoopState {
  Block *body = nullptr;
  LoopState *outer = nullptr;
  const Frame *frame = nullptr; ///< whose body it is in
  Value *position = nullptr;    ///< the turn, an i32
  /// The number of turns, if each has parameters of its own (`repeat`).
  std::optional<Dim> stacked;
  /// The `repeat` that stacks these parameters once more.
  LoopState *around = nullptr;
  std::vector<LoopVariable> variables; ///< in the order of their first use
  LoopVariable *find(const std::string &path, const LoopState *stacked);
  bool isPart(const LoopVariable &each) const { return each.stacked == this; }
  std::vector<Printed> printed;
};

/// The function that is being built.
struct FunctionState {
  Function *function = nullptr;
  std::unique_ptr<Builder> builder;
  /// Of each variable that it uses, the value now.
  std::map<std::string, Value *> variables;
  std::set<std::string> changed;
  std::map<std::string, Value *> roles;
  /// The data columns that it takes, by name.
  std::map<std::string, Value *> inputs;
  std::vector<Printed> printed;
  bool prints = true; ///< A metric runs over the whole set, and does not.
  bool training = false;
  std::set<std::string> trained; ///< Paths that a train block trains.
  int places = 0;                ///< Random ops so far.
  int calls = 0;                 ///< Of functions, layers and nets.
  LoopState *loop = nullptr;
  int loopTrials = 0; ///< Walks in hand that look for shapes of carries.
};

/// One activation of a callable, a train block or a test.
struct Frame {
  /// The scope of the axes that a dimension names.
  int scopeOf(const BoundDim *dim) const {
    return dim && dim->isFileConstant ? file->constants : scope;
  }
  const ast::Callable *callable = nullptr;
  const FileScope *file = nullptr;
  const Frame *caller = nullptr;
  Loc callLoc;
  int scope = 0;
  int depth = 0;
  std::string path;                         ///< of its parameters: "Xor.dense1"
  std::shared_ptr<const std::string> layer; ///< Location::layer, once known
  std::map<std::string, BoundDim> dims;
  std::map<std::string, Val> values;
  /// The names that mean a state's value at the moment, with the `repeat` that
  /// stacks it.
  std::map<std::string, LoopState *> states;
  std::map<const ast::Expr *, std::string> instanceNames;
  /// What `..` stands for in its signature.
  struct Leading {
    AxisNames axes;
    Shape shape;
  };
  std::optional<Leading> leading;
  /// Axes that contractions introduced: what each may rename.
  struct Renamed {
    Dim size;
    AxisName base;
    Loc origin;
  };
  std::map<std::string, Renamed> renamed;
  std::optional<Val> returned;
  /// Of data without a type, the type that the training data has.
  std::map<std::string, const ast::Type *> inheritedTypes;
  DataClause *dataClause = nullptr; ///< `idx(…)` may stand here.
  /// Outer names that a loop's body may not assign.
  std::set<std::string> guarded;
  /// In an optimizer's text, and in its arguments: the parameter it is for.
  std::string optimized;
  bool isOptimizer = false;
  /// Of a net: sizes that its result alone has and that have a default, and
  /// those of them that turned out to be sizes of parameters.
  std::map<std::string, int64_t> sizeDefaults;
  std::set<std::string> *sizesParameters = nullptr;
  /// The `repeat` that gives each turn parameters of this activation.
  LoopState *stacked = nullptr;
};

/// A function call, or a name with brackets and no call.
struct CallSite {
  const ast::Expr *expr = nullptr;
  Loc loc;
  std::string name;
  bool hasBrackets = false;
  const std::vector<ast::Item> *brackets = nullptr;
  const std::vector<ast::Arg> *args = nullptr;
};

} // namespace nnc

#endif // NNC_FRONTEND_FRAME_H
