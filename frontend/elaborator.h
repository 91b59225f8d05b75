//===- elaborator.h: programs, their nets, tests and train blocks ---------===//
#ifndef NNC_FRONTEND_ELABORATOR_H
#define NNC_FRONTEND_ELABORATOR_H

#include "frontend/ast_train.h"
#include "frontend/builtin_elaborator.h"

namespace nnc {

struct Clauses;
struct DataCall;
struct SourceColumn;
struct StepState;
struct TrainState;

class Elaborator final : public BuiltinElaborator {
public:
  Elaborator(const ElaborateOptions &options, SourceManager &sources,
             DiagnosticSink &sink)
      : BuiltinElaborator(options, sources, sink) {}

  std::optional<Program> run(const ast::File &file);

private:
  //===-- whole programs (programs.cpp) ----------------------------------===//
  Function *newFunction(std::string name);
  Function *elaborateNet(const ast::Callable &net, const FileScope &file);
  Function *elaborateNet(const ast::Callable &net, const FileScope &file,
                         const std::set<std::string> &constants,
                         std::set<std::string> &sizes);
  bool bindNetDims(Frame &net, const std::set<std::string> &constants,
                   std::map<std::string, int64_t> &defaults);
  void addNetInputs(Frame &net);
  void elaborateTest(const ast::Test &test, const FileScope &file);
  void elaborateExpect(const ast::Expect &expect, TestEntry &entry,
                       std::vector<Value *> &results);
  void finish(std::vector<Value *> results, std::vector<AttrDict> attrs);
  void finishInit();
  void readDefines(const FileScope &file);
  void addOutputs(const Val &value, const std::string &name,
                  std::vector<Value *> &results, std::vector<AttrDict> &attrs);
  /// For what is elaborated on trial: the state to go back to.
  struct Snapshot {
    DiagnosticSink::Mark diagnostics;
    size_t variables, functions, nets;
    int places;
  };
  Snapshot snapshot() const;
  void restore(const Snapshot &before);
  /// So that the parameters exist that its body makes.
  void ensureElaborated(const ast::Callable &net,
                        const FileScope &file) override;

  //===-- what is never called or used (check_definitions.cpp) -----------===//
  void checkDefinitions(const FileScope &file);
  void checkBody(const ast::Callable &callable);
  void checkTypes(const ast::Callable &callable, const FileScope &file);
  std::vector<Diagnostic> tryDefinition(const ast::Callable &callable,
                                        const FileScope &file, int leading);
  Val symbolicArgument(Frame &callee, const ast::Type &type);
  void warnUntrained(const Value *loss, const TrainState &train);

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
  Evaluation elaborateEvaluation(const ast::TrainItem &item,
                                 const TrainState &train);
  void chooseBatch(const std::vector<ast::TrainItem::DataName> &names);
  void nameBatch();
  const ast::Type *typeOfData(const ast::TrainItem::DataName &name) const;
  void inheritTypes(const ast::TrainItem &item, const ast::Train &train);
  static bool isDataCall(const ast::Expr &expr);
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
  /// Gives the parameters of a step their new values.
  void optimize(TrainState &train, const StepState &step,
                const std::vector<Value *> &gradients);
  bool optimizeOne(TrainState &train, const std::string &prefix,
                   const ast::TrainItem &item, const std::string &path,
                   Value *gradient, const std::map<std::string, Val> &clock);
  Val dataCall(const CallSite &site) override;
  Val nameOf(const CallSite &site) override;

  std::map<const ast::TrainItem *, std::vector<int64_t>> sourceIndex;
  int evaluationCount = 0;
  std::set<const ast::Callable *> elaborated; ///< nets, also those in work
};

} // namespace nnc

#endif // NNC_FRONTEND_ELABORATOR_H
