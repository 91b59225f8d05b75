//===- expression_elaborator.h: what is in the body of a definition -------===//
#ifndef NNC_FRONTEND_EXPRESSION_ELABORATOR_H
#define NNC_FRONTEND_EXPRESSION_ELABORATOR_H

#include "frontend/ast_def.h"
#include "frontend/elaborator_state.h"

namespace nnc {

/// `Dense` in a path: "dense".
std::string loweredName(std::string name);

/// Which of `from` computing `value` reads, other than what `stop_gradient`
/// hides; each is the end of a way back.
std::set<const Value *> reached(const Value *value,
                                const std::set<const Value *> &from);
/// Whether the type, or one of a tuple's, has an axis that is this dimension
/// and nothing more.
bool hasAxis(const ast::Type &type, const std::string &name);
/// The dimensions of the file that a net's result alone has and its body
/// needs: arguments in brackets, too. See Note [Sizes of results].
std::vector<std::string> resultSizes(const ast::Callable &net,
                                     const FileScope &file);

class ExpressionElaborator : public ElaboratorState {
protected:
  using ElaboratorState::ElaboratorState;

  /// Whether nnc itself has a function of this name (builtins.cpp).
  virtual bool isBuiltin(const std::string &name) const = 0;
  virtual Val callBuiltin(const CallSite &site) = 0;
  /// So that the parameters exist that its body makes.
  virtual void ensureElaborated(const ast::Callable &net,
                                const FileScope &file) = 0;

  //===-- callables (calls, callables, matching) -------------------------===//
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
  /// Of a function that is no callable's.
  Frame topFrame(const FileScope &file);
  void numberInstances(Frame &frame, const ast::Block &body);
  Val runBody(Frame &callee);
  /// Evaluates file-level dims that `frame` can see.
  const BoundDim *findDim(Frame &frame, const std::string &name, Loc loc);
  Val callStd(const std::string &name, const std::vector<Val> &values, Loc loc);

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
  void claimPath(const std::string &path, Loc loc);
  void noteUse(const std::string &path);
  AxisName inward(const Frame &owner, AxisName axis);
  const ast::Stmt *findMember(const ast::Block &block, const std::string &name);
  Val memberVariable(Frame &owner, const ast::Stmt &stmt,
                     const ast::Name &name);

  //===-- axes by name or number (axes.cpp) ---------------------------------/
  /// The axes that `over` names, ascending.
  std::optional<std::vector<int64_t>> axesOf(const Val &x,
                                             const ast::Expr *over, Loc loc);
  std::optional<int64_t> axisOf(const Val &x, const ast::Expr *over, Loc loc);
  std::optional<Val> axesArgument(const ast::Expr &expr);
  std::optional<std::vector<int64_t>> resolveAxes(const Val &x, const Val &over,
                                                  Loc loc);

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
  std::string trainedPath(const ast::Name &net);
  Value *floatRole(const std::string &role);
  bool isTrained(const std::string &path) const;

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
  std::optional<double> constantOf(const ast::Expr &expr, const char *what);

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

  /// The sizes that `-D` gives (defines.cpp).
  std::map<const ast::Dims::Entry *, int64_t> defines;

private:
  std::map<const ast::Assign *, std::shared_ptr<Instance>> fileInstances;
  std::map<std::string, Loc> pathOwners;
  std::set<std::string> dimsInWork;
  bool usedLocalDim = false;
};

} // namespace nnc

#endif // NNC_FRONTEND_EXPRESSION_ELABORATOR_H
