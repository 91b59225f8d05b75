//===- programs.cpp: the functions of a program ---------------------------===//
#include "frontend/elaborator.h"

#include "frontend/verify_sizes.h"
#include "frontend/walk.h"
#include "ir/check.h"

namespace nnc {

std::optional<Program> elaborate(const ast::File &file,
                                 const ElaborateOptions &options,
                                 SourceManager &sources, DiagnosticSink &sink) {
  return Elaborator(options, sources, sink).run(file);
}

Function *Elaborator::newFunction(std::string name) {
  program.module.functions.push_back(std::make_unique<Function>());
  Function *function = program.module.functions.back().get();
  function->name = std::move(name);
  return function;
}

void Elaborator::finish(std::vector<Value *> results,
                        std::vector<AttrDict> attrs) {
  for (const Printed &printed : state->printed) {
    results.push_back(printed.value);
    attrs.push_back({{"print", printed.text}});
  }
  builder().create("return", std::span<Value *const>(results));
  state->function->resultAttrs = std::move(attrs);
}

static AttrList axisTexts(const AxisNames &axes, const Type &type) {
  AttrList texts;
  for (int64_t i = 0; i < type.rank(); ++i)
    texts.push_back(
        Attr(i < static_cast<int64_t>(axes.size()) && !axes[i].none()
                 ? axes[i].text
                 : type.dim(i).str()));
  return texts;
}

void Elaborator::addOutputs(const Val &value, const std::string &name,
                            std::vector<Value *> &results,
                            std::vector<AttrDict> &attrs) {
  if (value.kind == Val::Tuple) {
    for (size_t i = 0; i < value.items.size(); ++i)
      addOutputs(value.items[i], name + std::to_string(i), results, attrs);
    return;
  }
  results.push_back(value.ir);
  attrs.push_back(
      {{"output", name}, {"axes", axisTexts(value.axes, value.ir->type())}});
}

/// What the results of a net are called: as what it returns, where that has
/// names, else y; of several, y0, y1.
static std::vector<std::string> resultNames(const ast::Expr &returned) {
  auto nameOf = [](const ast::Expr &value, const std::string &other) {
    auto *name = ast::as<ast::Name>(&value);
    return name && name->isSimple() ? name->first().text : other;
  };
  auto *tuple = ast::as<ast::Tuple>(&returned);
  if (!tuple)
    return {nameOf(returned, "y")};
  std::vector<std::string> names, numbered;
  for (const ast::ExprPtr &item : tuple->items) {
    numbered.push_back("y" + std::to_string(numbered.size()));
    names.push_back(nameOf(*item, numbered.back()));
  }
  std::set<std::string> different(names.begin(), names.end());
  return different.size() == names.size() ? names : numbered;
}

void Elaborator::ensureElaborated(const ast::Callable &net,
                                  const FileScope &file) {
  if (elaborated.contains(&net))
    return;
  FunctionState *outerState = state;
  Frame *outerFrame = frame;
  int outerFold = foldNamed;
  foldNamed = 0;
  Function *function = elaborateNet(net, file);
  state = outerState;
  frame = outerFrame;
  foldNamed = outerFold;
  // The nets of other files are called, and are no entry points.
  if (file.constants != 0)
    std::erase_if(program.module.functions,
                  [&](const auto &each) { return each.get() == function; });
}

Elaborator::Snapshot Elaborator::snapshot() const {
  return {sink.mark(), program.variables.size(),
          program.module.functions.size(), program.nets.size(),
          initState.places};
}

void Elaborator::restore(const Snapshot &before) {
  sink.rollBack(before.diagnostics);
  while (program.variables.size() > before.variables) {
    initState.variables.erase(program.variables.back().path);
    program.variables.pop_back();
  }
  program.module.functions.resize(before.functions);
  program.nets.resize(before.nets);
  initState.places = before.places;
}

/// Gives a net's own sizes their values. One that its inputs have is a symbol,
/// as is one that its result alone has, which whoever runs the net gives: see
/// Note [Sizes of results].
bool Elaborator::bindNetDims(Frame &callee,
                             const std::set<std::string> &constants,
                             std::map<std::string, int64_t> &defaults) {
  const ast::Callable &net = *callee.callable;
  for (const ast::Callable::DimParam &param : net.dimParams) {
    const std::string &name = param.name.text;
    bool inInput = false;
    for (const ast::Callable::Param &each : net.params)
      inInput |= hasAxis(*each.type, name);
    if (inInput || constants.contains(name) || !hasAxis(*net.result, name)) {
      if (inInput && !param.init)
        callee.dims[name] = {Dim::symbol(name), {}, param.name.loc, false};
      continue;
    }
    if (param.init) {
      std::optional<Dim> size = dimValue(*param.init);
      if (!size)
        return false;
      if (!size->isConstant() || size->value() < 1) {
        error(param.init->loc, "the size of " + name +
                                   " must be a whole "
                                   "number, at least 1, and is " +
                                   size->str());
        return false;
      }
      defaults[name] = size->value();
    }
    callee.dims[name] = {Dim::symbol(name), {}, param.name.loc, false};
  }
  if (!completeDims(callee, nullptr))
    return false;
  // A size without a value is a symbol: one function serves every size.
  auto bind = [&](const ast::Type::Dim &dim) {
    auto *name = ast::as<ast::Name>(dim.size);
    if (!name || !name->isSimple() || !name->first().isCompileTime())
      return;
    const std::string &text = name->first().text;
    if (findDim(callee, text, dim.loc))
      return;
    if (!callee.file->dims.contains(text))
      unknownName(name->first(), "dimension");
    callee.dims[text] = {Dim::symbol(text), {}, dim.loc, false};
  };
  for (const ast::Callable::Param &param : net.params)
    for (const ast::Type::Dim &dim : param.type->dims)
      bind(dim);
  for (const std::string &name : resultSizes(net, *callee.file))
    callee.dims[name] = {Dim::symbol(name), {}, net.result->loc, false};
  return true;
}

/// A number as an attribute that prints as a literal of its type.
static Attr literalAttr(double value, const Type &type) {
  if (type.elem() == Elem::Bool)
    return Attr(value != 0);
  return isFloat(type.elem()) ? Attr(value) : Attr(static_cast<int64_t>(value));
}

void Elaborator::addNetInputs(Frame &callee) {
  AttrDict defaults;
  for (const ast::Callable::Param &param : callee.callable->params) {
    if (param.type->kind != ast::Type::Tensor) {
      error(param.type->loc, "a net takes tensors");
      continue;
    }
    AxisNames axes;
    std::optional<Type> type = typeOf(callee, *param.type, &axes);
    if (!type) {
      callee.values[param.name.text] = Val();
      continue;
    }
    Value *value = state->function->addArgument(
        *type, param.name.text,
        {{"input", param.name.text}, {"axes", axisTexts(axes, *type)}});
    callee.values[param.name.text] = Val::tensor(value, axes);
    // The default of a scalar, if it is a constant, is the command line's too.
    if (!param.init || type->rank() > 0)
      continue;
    ++foldNamed;
    Val given = eval(*param.init);
    --foldNamed;
    const std::string &name = param.name.text;
    if (bindParameter(callee, *param.type, given, name, param.init->loc))
      if (std::optional<double> number = constant(given))
        defaults.set(name, literalAttr(*number, *type));
  }
  if (!defaults.empty())
    state->function->attrs.set("defaults", defaults);
}

// Note [Sizes of results]
// -----------------------
// In `net Generate[T = 200](x: i32[B]) -> i32[B, T]` no input has a T: a caller
// gives it in brackets, and the command line by --T. A default makes it no
// constant, unless it is the size of a parameter, which must be known when
// compiling, as C in `net Classes[C = 10](x: f32[B, D]) -> f32[B, C]`. Which it
// is shows only when the body is elaborated: then once more, with constants.

Function *Elaborator::elaborateNet(const ast::Callable &net,
                                   const FileScope &file) {
  elaborated.insert(&net);
  std::set<std::string> constants, sizes;
  for (;;) {
    Snapshot before = snapshot();
    Function *function = elaborateNet(net, file, constants, sizes);
    if (sizes.empty())
      return function;
    restore(before);
    constants.merge(sizes);
    sizes.clear();
  }
}

Function *Elaborator::elaborateNet(const ast::Callable &net,
                                   const FileScope &file,
                                   const std::set<std::string> &constants,
                                   std::set<std::string> &sizes) {
  FunctionState function;
  function.function = newFunction(net.name.text);
  function.function->location = location(net.loc);
  function.builder = std::make_unique<Builder>(function.function->body);
  state = &function;
  Frame callee = topFrame(file);
  callee.callable = &net;
  callee.path = file.prefix + net.name.text;
  callee.sizesParameters = &sizes;
  claimPath(callee.path, net.name.loc);
  frame = &callee;
  size_t before = sink.errorCount();
  if (bindNetDims(callee, constants, callee.sizeDefaults))
    addNetInputs(callee);
  Val result = sink.errorCount() == before ? runBody(callee) : Val();
  std::vector<std::string> names = {"y"};
  Loc loc = net.name.loc;
  for (const ast::StmtPtr &stmt : net.body)
    if (auto *ret = ast::as<ast::Return>(stmt)) {
      loc = ret->value->loc;
      names = resultNames(*ret->value);
    }
  result = returnValue(callee, *net.result, result, loc, false);
  if (result.isPoison() || sink.errorCount() != before) {
    finish({}, {});
  } else {
    std::vector<Value *> results;
    std::vector<AttrDict> attrs;
    if (names.size() == 1)
      addOutputs(result, names[0], results, attrs);
    else
      for (size_t i = 0; i < names.size(); ++i)
        addOutputs(result.items[i], names[i], results, attrs);
    for (const std::string &path : function.changed) {
      results.push_back(function.variables[path]);
      attrs.push_back({{"variable", path}});
    }
    finish(results, attrs);
  }
  if (file.constants == 0)
    program.nets.push_back({net.name.text, net.name.text, ""});
  const Attr *ofInputs = function.function->attrs.find("defaults");
  AttrDict defaults = ofInputs ? ofInputs->asDict() : AttrDict();
  for (const auto &[size, value] : callee.sizeDefaults)
    defaults.set(size, value);
  if (!defaults.empty())
    function.function->attrs.set("defaults", defaults);
  frame = nullptr;
  state = nullptr;
  return function.function;
}

void Elaborator::elaborateTest(const ast::Test &test, const FileScope &file) {
  FunctionState function;
  std::string name = "test." + std::to_string(program.tests.size());
  function.function = newFunction(name);
  function.function->location = location(test.loc);
  function.builder = std::make_unique<Builder>(function.function->body);
  function.training = test.training;
  state = &function;
  Frame top = topFrame(file);
  frame = &top;
  TestEntry entry{test.name, name, {}, test.afterTrain};
  std::vector<Value *> results;
  for (const ast::StmtPtr &stmt : test.body) {
    if (auto *expect = ast::as<ast::Expect>(stmt))
      elaborateExpect(*expect, entry, results);
    else if (ast::as<ast::Return>(stmt))
      error(stmt->loc, "a test returns nothing; use `expect`");
    else
      runStmt(*stmt);
  }
  finish(results, std::vector<AttrDict>(results.size()));
  program.tests.push_back(std::move(entry));
  frame = nullptr;
  state = nullptr;
}

void Elaborator::elaborateExpect(const ast::Expect &expect, TestEntry &entry,
                                 std::vector<Value *> &results) {
  ExpectEntry made;
  made.comparison = ExpectEntry::True;
  made.text = ast::toSource(*expect.condition);
  made.location = location(expect.condition->loc);
  if (expect.within)
    made.within = constantOf(*expect.within, "`within`");
  if (made.within && *made.within < 0)
    error(expect.within->loc, "`within` is negative: nothing is that near");
  if (auto *compare = ast::as<ast::Compare>(expect.condition)) {
    Val left = eval(*compare->lhs), right = eval(*compare->rhs);
    at(compare->opLoc);
    auto shapeOf = [](const Val &value) {
      return value.isTensor()    ? value.ir->type().shape()
             : value.isLiteral() ? value.literal->shape
                                 : Shape();
    };
    if (!left.isPoison() && !right.isPoison() && left.isNumber() &&
        right.isNumber()) {
      Shape a = shapeOf(left), b = shapeOf(right);
      if (!a.empty() && !b.empty() && !(a == b)) {
        error(compare->opLoc, "the sides of this expectation have different "
                              "shapes, " +
                                  left.describe() + " and " + right.describe());
        return;
      }
    }
    std::vector<Val> sides = {left, right};
    if (!unify(sides, std::nullopt, compare->opLoc))
      return;
    made.comparison = static_cast<ExpectEntry::Comparison>(
        static_cast<int>(compare->op) + ExpectEntry::Eq);
    made.left = static_cast<int64_t>(results.size());
    made.right = made.left + 1;
    if (made.within && made.comparison != ExpectEntry::Eq)
      error(expect.within->loc, "`within` belongs to ==");
    results.push_back(sides[0].ir);
    results.push_back(sides[1].ir);
  } else {
    Val value = eval(*expect.condition);
    value = materialise(value, std::nullopt, expect.condition->loc);
    if (value.isPoison())
      return;
    if (value.ir->type().elem() != Elem::Bool) {
      error(expect.condition->loc, "what is expected must be a comparison or "
                                   "a bool, not " +
                                       value.describe());
      return;
    }
    if (made.within)
      error(expect.within->loc, "`within` belongs to ==");
    made.left = static_cast<int64_t>(results.size());
    results.push_back(value.ir);
  }
  entry.expects.push_back(std::move(made));
}

void Elaborator::finishInit() {
  state = &initState;
  std::vector<Value *> results;
  std::vector<AttrDict> attrs;
  bool any = false;
  for (const Variable &variable : program.variables) {
    if (variable.kind == Variable::Optimizer)
      continue;
    any = true;
    auto first = initState.variables.find(variable.path);
    if (first == initState.variables.end())
      continue;
    results.push_back(first->second);
    attrs.push_back({{"variable", variable.path}});
  }
  finish(results, attrs);
  if (any)
    program.initFunction = "init";
  state = nullptr;
}

/// The formulas that have a size only inside of a definition, which binds what
/// they are made of: K = D / N, where D and N are declared without a size.
static std::set<const ast::Dims::Entry *>
openDims(const FileScope &scope,
         const std::map<const ast::Dims::Entry *, int64_t> &defines) {
  std::map<const ast::Dims::Entry *, std::vector<const ast::Dims::Entry *>>
      users;
  std::vector<const ast::Dims::Entry *> work;
  for (const auto &[text, entry] : scope.dims) {
    if (defines.contains(entry))
      continue;
    if (!entry->value) {
      work.push_back(entry);
      continue;
    }
    forEachExpr(*entry->value, [&, user = entry](const ast::Expr &expr) {
      auto *name = ast::as<ast::Name>(&expr);
      auto found = name ? scope.dims.find(name->text()) : scope.dims.end();
      if (found != scope.dims.end())
        users[found->second].push_back(user);
    });
  }
  std::set<const ast::Dims::Entry *> open;
  while (!work.empty()) {
    const ast::Dims::Entry *each = work.back();
    work.pop_back();
    if (open.insert(each).second)
      work.insert(work.end(), users[each].begin(), users[each].end());
  }
  return open;
}

std::optional<Program> Elaborator::run(const ast::File &file) {
  const FileScope *scope = scopes.add(file);
  std::string name = sources.file(file.id).name();
  name = name.substr(name.rfind('/') + 1);
  program.name = name.substr(0, name.rfind('.'));
  auto init = std::make_unique<Function>();
  init->name = "init";
  // The parameters of all nets are made there; it is found by the first.
  for (const ast::DefPtr &def : file.defs)
    if (auto *callable = ast::as<ast::Callable>(def);
        callable && callable->callable == ast::CallableKind::Net) {
      init->location = location(callable->loc);
      break;
    }
  initState.function = init.get();
  initState.builder = std::make_unique<Builder>(init->body);

  readDefines(*scope);
  // Constants are checked even if nothing uses them.
  {
    FunctionState none;
    Function scratch;
    none.function = &scratch;
    none.builder = std::make_unique<Builder>(scratch.body);
    state = &none;
    Frame top = topFrame(*scope);
    frame = &top;
    std::set<const ast::Dims::Entry *> open = openDims(*scope, defines);
    for (const ast::DefPtr &def : file.defs)
      if (auto *dims = ast::as<ast::Dims>(def))
        for (const ast::Dims::Entry &entry : dims->entries)
          if (!open.contains(&entry))
            findDim(top, entry.name.text, entry.name.loc);
    for (const auto &[each, binding] : scope->bindings)
      fileInstance({nullptr, binding, scope});
    frame = nullptr;
    state = nullptr;
  }
  for (const ast::DefPtr &def : file.defs) {
    auto *callable = ast::as<ast::Callable>(def);
    if (callable && callable->callable == ast::CallableKind::Net)
      ensureElaborated(*callable, *scope);
  }
  for (const ast::DefPtr &def : file.defs)
    if (auto *train = ast::as<ast::Train>(def))
      elaborateTrain(*train, *scope);
  for (const ast::DefPtr &def : file.defs)
    if (auto *test = ast::as<ast::Test>(def))
      elaborateTest(*test, *scope);
  checkDefinitions(*scope);
  if (sink.hasErrors())
    return std::nullopt;
  finishInit();
  if (!program.variables.empty())
    program.module.functions.push_back(std::move(init));
  for (const auto &function : program.module.functions)
    function->argAttrs.resize(function->body.argumentCount());
  if (!verifySizes(program.module, sources, sink))
    return std::nullopt;
  return std::move(program);
}

} // namespace nnc
