//===- elaborator.h: the walk's state (private to frontend/) --------------===//
//
// One Elaborator serves one program. Its members are spread over files by what
// they elaborate: programs.cpp, callables.cpp, expressions.cpp, ...
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_ELABORATOR_H
#define NNC_FRONTEND_ELABORATOR_H

#include "frontend/elaborate.h"
#include "frontend/scope.h"
#include "frontend/spelling.h"
#include "frontend/value.h"
#include "ir/builder.h"

#include <set>

namespace nnc {

struct Frame;
struct Clauses;
struct TrainState;
struct StepState;

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
  LoopState *loop = nullptr;
};

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

/// One activation of a callable, a train block or a test.
struct Frame {
  /// The scope of the axes that a dimension names.
  int scopeOf(const DimBinding *dim) const {
    return dim && dim->isFileConstant ? file->constants : scope;
  }
  const ast::Callable *callable = nullptr;
  const FileScope *file = nullptr;
  const Frame *caller = nullptr;
  Loc callLoc;
  int scope = 0;
  int depth = 0;
  std::string path; ///< of its parameters: "Xor.dense1"
  std::shared_ptr<const std::string> layer; ///< Location::layer, once known
  std::map<std::string, DimBinding> dims;
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

/// `Dense` in a path: "dense".
std::string loweredName(std::string name);

/// Which of `from` computing `value` reads, other than what `stop_gradient`
/// hides; each is the end of a way back.
std::set<const Value *> reached(const Value *value,
                                const std::set<const Value *> &from);
/// Whether the type has an axis that is this dimension and nothing more.
bool hasAxis(const ast::Type &type, const std::string &name);
/// The dimensions of the file that a net's result alone has and its body
/// needs: arguments in brackets, too. See Note [Sizes of results].
std::vector<std::string> resultSizes(const ast::Callable &net,
                                     const FileScope &file);

class Elaborator {
public:
  Elaborator(const ElaborateOptions &options, SourceManager &sources,
             DiagnosticSink &sink)
      : options(options), sink(sink), sources(sources), scopes(sources, sink) {}

  std::optional<Program> run(const ast::File &file);

private:
  //===-- messages (messages.cpp) ----------------------------------------===//
  Diagnostic &error(Loc loc, const std::string &message);
  Val poison(Loc loc, const std::string &message) {
    error(loc, message);
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

  //===-- whole programs (programs.cpp) ----------------------------------===//
  Function *newFunction(std::string name);
  Function *elaborateNet(const ast::Callable &net, const FileScope &file);
  Function *elaborateNet(const ast::Callable &net, const FileScope &file,
                         const std::set<std::string> &constants,
                         std::set<std::string> &sizes);
  bool bindNetDims(Frame &net, const std::set<std::string> &constants,
                   std::map<std::string, int64_t> &defaults);
  void addNetInputs(Frame &net);
  /// So that the parameters exist that its body makes.
  void ensureElaborated(const ast::Callable &net, const FileScope &file);
  void elaborateTest(const ast::Test &test, const FileScope &file);
  void elaborateExpect(const ast::Expect &expect, TestEntry &entry,
                       std::vector<Value *> &results);
  void finish(std::vector<Value *> results, std::vector<AttrDict> attrs);
  void finishInit();
  void addOutputs(const Val &value, const std::string &name,
                  std::vector<Value *> &results, std::vector<AttrDict> &attrs);
  Frame topFrame(const FileScope &file);
  /// For what is elaborated on trial: the state to go back to.
  struct Snapshot {
    DiagnosticSink::Mark diagnostics;
    size_t variables, functions, nets;
    int places;
  };
  Snapshot snapshot() const;
  void restore(const Snapshot &before);
  /// Evaluates file-level dims that `frame` can see.
  const DimBinding *findDim(Frame &frame, const std::string &name, Loc loc);

  //===-- training (train.cpp, train_step.cpp, trained_parameters.cpp) ----===//
  void elaborateTrain(const ast::Train &train, const FileScope &file);
  Clauses collectClauses(const std::vector<ast::TrainItem> &items, bool inStep);
  std::optional<double> numberOf(const Clauses &clauses,
                                 ast::TrainItem::Kind kind, double least,
                                 bool whole);
  void resolveNets(TrainState &train);
  void resolveStarts(TrainState &train);
  void elaborateSteps(TrainState &train);
  void elaborateStep(TrainState &train, StepState step);
  void elaborateUpdate(TrainState &train, StepState &step);
  /// Binds the data and the local names of a block, for a function of its own.
  void bindTrainNames(const ast::Train &train, std::vector<int64_t> &sources);
  void bindConstants(const ast::Train &train);
  std::vector<std::string> parametersOf(const TrainState &train,
                                        const StepState &step);
  bool checkBelow(const ast::Name &path);
  /// For each parameter of the step, the optimizer that is for it; empty after
  /// an error.
  std::vector<const ast::TrainItem *> groups(const StepState &step);
  void chooseBest(TrainState &train);

  //===-- metrics, data, optimizers ---------------------------------------===//
  void bindData(const ast::TrainItem &item,
                std::vector<int64_t> &sourcesOfItem);
  void elaborateMetric(const ast::TrainItem &item, TrainState &train);
  void chooseBatch(const std::vector<ast::TrainItem::DataName> &names);
  void nameBatch();
  const ast::Type *typeOfData(const ast::TrainItem::DataName &name) const;
  void inheritTypes(const ast::TrainItem &item, const ast::Train &train);
  static bool isDataCall(const ast::Expr &expr);
  Val dataCall(const CallSite &site);
  bool dataArguments(const CallSite &site, DataSource::Kind kind,
                     const char *usage, DataCall &call);
  bool csvColumns(const DataCall &call, std::vector<SourceColumn> &columns);
  bool textColumns(const DataCall &call, DataSource &source,
                   std::vector<SourceColumn> &columns);
  bool npzColumns(const DataCall &call, std::vector<SourceColumn> &columns);
  bool readHeader(const DataCall &call, DataSource::Kind kind,
                  SourceColumn &column);
  bool checkRest(const SourceColumn &column, const Type &type,
                 const ast::Ident &name);
  std::optional<int64_t> wholeNumber(const ast::ExprPtr &expr, int64_t least,
                                     Loc loc, const std::string &otherwise);
  Val dataInput(const std::string &name, const Type &type,
                const AxisNames &axes);
  Val literalColumn(const ast::TrainItem::DataName &name, Val value, Loc loc);
  Val toStated(Val value, const ast::TrainItem::DataName &name, Loc loc);
  std::vector<Value *> clip(const std::vector<Value *> &gradients,
                            const ast::TrainItem &item);
  std::string trainedPath(const ast::Name &net);
  /// Gives the parameters of a step their new values.
  void optimize(TrainState &train, const StepState &step,
                const std::vector<Value *> &gradients);
  bool optimizeOne(TrainState &train, const std::string &prefix,
                   const ast::TrainItem &item, const std::string &path,
                   Value *gradient, const std::map<std::string, Val> &clock);
  Val nameOf(const CallSite &site);
  std::optional<double> constantOf(const ast::Expr &expr, const char *what);
  Value *floatRole(const std::string &role);

  //===-- callables (callables.cpp, matching.cpp) -------------------------===//
  Val call(const CallSite &site, const ast::Callable &callable,
           const FileScope &file, const Instance *instance);
  Val callInstance(const CallSite &site, const Instance &instance);
  bool bindBrackets(const CallSite &site, const ast::Callable &callable,
                    const FileScope &file, std::map<std::string, DimArg> &dims);
  bool bindArguments(const CallSite &site, const ast::Callable &callable,
                     std::vector<std::optional<Val>> &values,
                     std::vector<Loc> &locs);
  std::optional<DimArg> dimArgument(const ast::Expr &expr);
  /// First pass: binds names without a size; second: checks all.
  bool bindParameter(Frame &callee, const ast::Type &type, Val &value,
                     const std::string &name, Loc argLoc);
  bool checkParameter(Frame &callee, const ast::Type &type, Val &value,
                      const std::string &name, Loc argLoc);
  bool completeDims(Frame &callee, const CallSite *site);
  void completeDefaults(Frame &callee);
  Val returnValue(Frame &callee, const ast::Type &type, Val value, Loc loc,
                  bool toCaller);
  AxisName outward(const Frame &callee, const AxisName &name);
  std::optional<Type> typeOf(Frame &frame, const ast::Type &type,
                             AxisNames *axes);
  Elem elemOf(ast::ElementType type, Loc loc);
  Elem floatElem() const { return options.f64 ? Elem::F64 : Elem::F32; }
  void numberInstances(Frame &frame, const ast::Block &body);
  Val runBody(Frame &callee);

  //===-- names with dots (members.cpp) -----------------------------------===//
  /// What a dotted name leads to: one of the three.
  struct Member {
    Definition definition;
    std::shared_ptr<Instance> instance;
    Val value;
  };
  /// Nothing: an error was reported.
  std::optional<Member> resolve(const ast::Name &name);
  /// What the first `used` parts of a name define, if anything; std's too.
  /// Nothing: an error was reported.
  std::optional<Definition> definition(const ast::Name &name, size_t &used);
  std::shared_ptr<Instance> boundLayer(const ast::Expr &value, bool &failed);
  std::shared_ptr<Instance> fileInstance(const Definition &found);
  void checkDefinitions(const FileScope &file);
  void checkBody(const ast::Callable &callable);
  void warnUntrained(const Value *loss, const TrainState &train);
  void claimPath(const std::string &path, Loc loc);
  void noteUse(const std::string &path);
  AxisName inward(const Frame &owner, AxisName axis);
  const ast::Stmt *findMember(const ast::Block &block, const std::string &name);
  Val memberVariable(Frame &owner, const ast::Stmt &stmt,
                     const ast::Name &name);

  //===-- variables (variables.cpp, first_values.cpp) ----------------------//
  Val readVariable(const std::string &path, LoopState *stacked, Loc loc);
  Val declareVariable(const std::string &path, Variable::Kind kind,
                      const ast::Type &type, const ast::Expr *init, Loc loc);
  Value *variable(const std::string &path, LoopState *stacked, LoopState *loop);
  /// Its value at this point of the program.
  Value *variable(const std::string &path, LoopState *stacked = nullptr) {
    return variable(path, stacked, state->loop);
  }
  void setVariable(const std::string &path, LoopState *stacked, Value *now);
  using Turns = std::map<const LoopState *, int64_t>;
  /// For one turn of each `repeat` around it, or for all. True: turns have
  /// different ones.
  bool bindFirstValues(const ast::Expr &init,
                       const std::map<std::string, Val> &values,
                       const FunctionState &from, const Turns &turns);
  Value *firstValue(const ast::Expr *init, const Type &part, const Type &whole,
                    const std::string &path, Variable::Kind kind, Loc loc,
                    const std::map<std::string, Val> &values,
                    const FunctionState &from);
  Value *orthogonal(const Type &type, double gain, Loc loc);
  /// `isDrawn`: it is computed from random numbers.
  Value *initialValue(const ast::Expr *init, const Type &type,
                      const std::string &path, Variable::Kind kind, Loc loc,
                      bool *isDrawn = nullptr);
  Value *randomInit(const ast::Call &call, const Type &type);
  Value *role(const std::string &name);
  Value *random(const char *op, const Type &type);
  int64_t findVariable(const std::string &path) const;

  //===-- statements (statements.cpp) --------------------------------------//
  void runBlock(const ast::Block &block);
  void runStmt(const ast::Stmt &stmt);
  void assign(const ast::Assign &assign);
  void assignTarget(const ast::Target &target, Val value);
  void setName(const ast::Ident &name, Val value);
  bool mayAssign(const ast::Ident &name);
  void runIf(const ast::If &stmt);
  void runPrint(const ast::Print &print);
  void addPrinted(const Printed &printed);
  void runUpdate(const ast::Update &update);
  std::optional<bool> condition(const ast::Expr &expr);
  Val named(Val value, const std::string &name);

  //===-- loops (loops.cpp, loop_body.cpp, loop_op.cpp) --------------------//
  Val runLoop(const ast::Loop &loop, bool isStatement = false);
  struct LoopPlan;
  struct LoopRun;
  bool planTurns(LoopPlan &plan);
  bool planCarries(LoopPlan &plan);
  bool resolveFreshCarries(LoopPlan &plan);
  bool runLoopBody(const LoopPlan &plan, bool trial, LoopRun &run);
  void runYield(const LoopPlan &plan, const ast::Yield &yield, LoopRun &run);
  bool checkCarries(const LoopPlan &plan, LoopRun &run);
  std::vector<Val> makeScan(const LoopPlan &plan, LoopRun &run);
  void resolveFresh(Literal &literal, const Type &type, const AxisNames &axes);

  //===-- expressions (expressions.cpp, operators.cpp, matmul.cpp) -----------/
  Val eval(const ast::Expr &expr);
  Val evalName(const ast::Name &name);
  Val evalList(const ast::List &list);
  Val evalChain(const ast::Chain &chain);
  Val evalCompare(const ast::Compare &compare);
  Val evalUnary(const ast::Unary &unary);
  Val evalCast(const ast::Cast &cast);
  Val evalCall(const ast::Call &call);
  Val evalContraction(const ast::Contraction &contraction);
  Val evalIndex(const ast::Index &index);
  bool takesBrackets(const ast::Name &name);
  Val indexValue(Val base, const ast::Index &index);
  Val binary(ast::BinaryOp op, Val left, Val right, Loc loc);
  Val fold(ast::BinaryOp op, const Val &left, const Val &right, bool &done);
  Val matmul(Val left, Val right, Loc loc);
  Val callNamed(const CallSite &site, const ast::Name &callee);
  /// The value with an element type: a literal takes `elem`, or f32.
  Val materialise(Val value, std::optional<Elem> elem, Loc loc);
  /// As a tensor of floats; whole numbers are an error.
  Val floats(Val value, const std::string &what, Loc loc);
  std::optional<Dim> dimValue(const ast::Expr &expr);
  std::optional<Dim> sizeOf(const Val &value) const;
  std::optional<double> constant(const Val &value) const;

  //===-- broadcasting (broadcasting.cpp) -----------------------------------/
  struct Aligned {
    Shape shape;
    AxisNames axes;
  };
  std::optional<Aligned> align(const std::vector<Val> &values, Loc loc);
  void resolveFreshOf(const std::vector<Val> &values, std::optional<Elem> elem,
                      Loc loc);
  Value *stretch(const Val &value, const Shape &shape);
  /// Gives all one element type and one shape.
  std::optional<Aligned> unify(std::vector<Val> &values,
                               std::optional<Elem> elem, Loc loc,
                               bool sameElem = true);
  Val transpose(Val value, const std::vector<int64_t> &permutation);
  Val reshapeTo(Val value, Shape shape, AxisNames axes);

  //===-- builtins (builtins*.cpp) ------------------------------------------/
  using Builtin = Val (Elaborator::*)(const CallSite &);
  static Builtin findBuiltin(const std::string &name);
  static std::vector<std::string> builtinNames();
  /// The arguments in the order of `names`; absent ones are null.
  std::optional<std::vector<const ast::Arg *>>
  arguments(const CallSite &site, std::initializer_list<const char *> names,
            size_t required);
  Val evalArg(const ast::Arg *arg);
  Val elementwise(const CallSite &site);
  Val minMax(const CallSite &site);
  Val reduction(const CallSite &site);
  Val argmax(const CallSite &site);
  Val cumsum(const CallSite &site);
  Val where(const CallSite &site);
  Val intBinary(const CallSite &site);
  Val concat(const CallSite &site);
  Val stack(const CallSite &site);
  Val split(const CallSite &site);
  Val reshape(const CallSite &site);
  Val flatten(const CallSite &site);
  Val pad(const CallSite &site);
  Val reverse(const CallSite &site);
  Val gather(const CallSite &site);
  Val oneHot(const CallSite &site);
  Val filled(const CallSite &site);
  Val range(const CallSite &site);
  Val update(const CallSite &site);
  Val stopGradient(const CallSite &site);
  Val shape(const CallSite &site);
  Val rank(const CallSite &site);
  Val size(const CallSite &site);
  Val randomLike(const CallSite &site);
  Val grad(const CallSite &site);
  Val convolution(const CallSite &site);
  Val pool(const CallSite &site);
  Val topk(const CallSite &site);
  std::optional<std::vector<int64_t>>
  numbersOf(const ast::Arg *arg, size_t count, int64_t standard, int64_t least);
  Val callStd(const std::string &name, const std::vector<Val> &values, Loc loc);
  Value *maskOf(const Val &x, const ast::Arg &arg);
  Val reduce(const std::string &name, Val x, std::vector<int64_t> axes,
             bool keep, Loc loc);
  /// The axes that `over` names, ascending.
  std::optional<std::vector<int64_t>> axesOf(const Val &x,
                                             const ast::Expr *over, Loc loc);
  std::optional<int64_t> axisOf(const Val &x, const ast::Expr *over, Loc loc);
  std::optional<Val> axesArgument(const ast::Expr &expr);
  std::optional<std::vector<int64_t>> resolveAxes(const Val &x, const Val &over,
                                                  Loc loc);

  const ElaborateOptions &options;
  DiagnosticSink &sink;
  SourceManager &sources;
  Scopes scopes;
  Program program;
  FunctionState *state = nullptr;
  FunctionState initState;
  Frame *frame = nullptr;
  int scopeCount = 0;
  int foldNamed = 0; ///< In a condition, named literals count as numbers.
  std::map<const ast::TrainItem *, std::vector<int64_t>> sourceIndex;
  Dim batch; ///< The examples' axis; 0 until it is known.
  int metricCount = 0;
  /// The paths of the nets and of the shared layers that each net calls.
  std::map<std::string, std::set<std::string>> netCalls;
  bool isTrained(const std::string &path) const;
  std::set<const ast::Callable *> elaborated; ///< nets, also those in work
  std::set<const ast::Callable *> called;
  std::map<const ast::Assign *, std::shared_ptr<Instance>> fileInstances;
  std::map<std::string, Loc> pathOwners;
  std::set<std::string> frozen; ///< paths
  std::set<std::string> dimsInWork;
  bool usedLocalDim = false;
  std::map<uint32_t, std::shared_ptr<const std::string>> fileNames;
  /// Of each variable, where it is declared and the names of its axes.
  std::map<std::string, Loc> variableLocs;
  std::map<std::string, AxisNames> variableAxes;
};

} // namespace nnc

#endif // NNC_FRONTEND_ELABORATOR_H
