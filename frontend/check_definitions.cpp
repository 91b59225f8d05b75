//===- check_definitions.cpp: what is never called, and never used --------===//
//
// A definition is elaborated where it is called, with the sizes of that call.
// Of one that nothing calls the names are checked here, and how many arguments
// it gives to what it calls; then it is tried (trial.cpp). Values that nothing
// uses get a warning.
//
//===----------------------------------------------------------------------===//
#include "frontend/train_state.h"

#include "frontend/walk.h"

namespace nnc {

namespace {

/// The names of values that a body gives, wherever in it.
struct BodyNames {
  std::map<std::string, Loc> assigned; ///< by `=`
  std::set<std::string> others;        ///< parameters, loop elements, carries

  explicit BodyNames(const ast::Block &body) {
    addStatements(body);
    forEachExpr(body, [&](const ast::Expr &expr) {
      auto *loop = ast::as<ast::Loop>(&expr);
      if (!loop)
        return;
      for (const ast::Ident &name : loop->elements)
        others.insert(name.text);
      for (const ast::Loop::Carry &carry : loop->carries)
        others.insert(carry.name.text);
      // Loops within it come by themselves.
      addStatements(loop->body);
    });
  }

private:
  void addStatements(const ast::Block &body) {
    forEachAssigned(body, [&](const ast::Ident &name) {
      assigned.emplace(name.text, name.loc);
    });
    forEachStmt(body, [&](const ast::Stmt &stmt) {
      if (auto *param = ast::as<ast::ParamStmt>(&stmt))
        for (const ast::Ident &name : param->names)
          others.insert(name.text);
      if (auto *held = ast::as<ast::StateStmt>(&stmt))
        for (const ast::Ident &name : held->names)
          others.insert(name.text);
    });
  }
};

} // namespace

/// `h2 = …` that no expression of the body mentions.
static void warnUnused(const ast::Block &body, DiagnosticSink &sink) {
  BodyNames names(body);
  std::set<std::string> used;
  forEachExpr(body, [&](const ast::Expr &expr) {
    if (auto *name = ast::as<ast::Name>(&expr))
      used.insert(name->first().text);
  });
  for (const auto &[name, loc] : names.assigned)
    if (name.front() != '_' && !used.contains(name) &&
        !names.others.contains(name))
      sink.warning(loc, name + " is never used");
}

/// Whether a call leaves out an argument, or gives one too many.
static std::string wrongCount(const ast::Call &call,
                              const ast::Callable &callable) {
  size_t positional = 0;
  std::set<std::string> given;
  for (const ast::Arg &arg : call.args)
    if (arg.name.text.empty())
      ++positional;
    else
      given.insert(arg.name.text);
  if (positional > callable.params.size())
    return callable.name.text + " takes " +
           std::to_string(callable.params.size()) +
           (callable.params.size() == 1 ? " argument" : " arguments");
  for (size_t i = positional; i < callable.params.size(); ++i)
    if (!callable.params[i].init &&
        !given.contains(callable.params[i].name.text))
      return callable.name.text + " needs its argument " +
             callable.params[i].name.text;
  return "";
}

void Elaborator::checkBody(const ast::Callable &callable) {
  BodyNames names(callable.body);
  std::set<std::string> known = names.others;
  for (const auto &[name, loc] : names.assigned)
    known.insert(name);
  for (const ast::Callable::Param &param : callable.params)
    known.insert(param.name.text);
  static const std::set<std::string> initialisers = {"glorot", "he",
                                                     "orthogonal"};
  static const std::set<std::string> words = {"same", "valid", "_"};
  if (callable.callable == ast::CallableKind::Optimizer)
    known.insert({"w", "g", "t", "epoch", "steps"});
  std::set<const ast::Expr *> callees;
  forEachExpr(callable.body, [&](const ast::Expr &expr) {
    if (auto *call = ast::as<ast::Call>(&expr)) {
      callees.insert(call->callee.get());
      auto *name = ast::as<ast::Name>(call->callee);
      if (!name || known.contains(name->first().text))
        return;
      size_t used;
      std::optional<Definition> found = definition(*name, used);
      if (!found)
        return;
      if (found->callable && used == name->path.size()) {
        std::string wrong = wrongCount(*call, *found->callable);
        if (!wrong.empty())
          error(name->loc, wrong)
              .note(found->callable->name.loc, "it is defined here");
      } else if (!*found && !isBuiltin(name->first().text) &&
                 !initialisers.contains(name->first().text)) {
        unknownName(name->first(), name->first().isCompileTime()
                                       ? "layer or net"
                                       : "function");
      }
      return;
    }
    auto *name = ast::as<ast::Name>(&expr);
    if (!name || callees.contains(&expr) || name->first().isCompileTime())
      return;
    const std::string &text = name->first().text;
    size_t used;
    if (known.contains(text) || words.contains(text) || isBuiltin(text))
      return;
    std::optional<Definition> found = definition(*name, used);
    if (found && !*found)
      unknownName(name->first(), "value");
  });
}

void Elaborator::checkDefinitions(const FileScope &file) {
  Frame top = topFrame(file);
  for (const ast::DefPtr &def : file.file->defs) {
    auto *callable = ast::as<ast::Callable>(def);
    if (!callable || called.contains(callable) || elaborated.contains(callable))
      continue;
    frame = &top;
    size_t before = sink.errorCount();
    checkBody(*callable);
    frame = nullptr;
    if (sink.errorCount() == before)
      checkTypes(*callable, file);
  }
  // Beside errors, warnings would only be in the way.
  if (sink.hasErrors())
    return;
  for (const ast::DefPtr &def : file.file->defs)
    if (auto *test = ast::as<ast::Test>(def))
      warnUnused(test->body, sink);
    else if (auto *callable = ast::as<ast::Callable>(def))
      warnUnused(callable->body, sink);
}

/// A parameter of a trained net that the loss does not depend on.
void Elaborator::warnUntrained(const Value *loss, const TrainState &train) {
  std::set<const Value *> values;
  for (const auto &[path, value] : state->variables)
    values.insert(value);
  std::set<const Value *> derived = reached(loss, values);
  for (const Variable &variable : program.variables) {
    if (variable.kind != Variable::Parameter || !isTrained(variable.path) ||
        frozen.contains(variable.path) ||
        isBelowAny(variable.path, train.frozen))
      continue;
    auto value = state->variables.find(variable.path);
    if (value == state->variables.end() || !derived.contains(value->second))
      sink.warning(variableLocs[variable.path],
                   variable.path + " gets no gradient: the loss of this train "
                                   "block does not depend on it");
  }
}

} // namespace nnc
