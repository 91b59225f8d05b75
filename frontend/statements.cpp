#include "frontend/expression_elaborator.h"

#include "frontend/limitations.h"
#include "frontend/walk.h"

namespace nnc {

void ExpressionElaborator::runBlock(const ast::Block &block) {
  for (const ast::StmtPtr &stmt : block) {
    if (frame->returned) {
      error(stmt->loc, "this stands after `return` and is never reached");
      return;
    }
    runStmt(*stmt);
  }
}

void ExpressionElaborator::runStmt(const ast::Stmt &stmt) {
  at(stmt.loc);
  switch (stmt.kind) {
  case ast::StmtKind::Assign:
    assign(static_cast<const ast::Assign &>(stmt));
    return;
  case ast::StmtKind::Update:
    runUpdate(static_cast<const ast::Update &>(stmt));
    return;
  case ast::StmtKind::Param:
  case ast::StmtKind::State: {
    bool isParam = stmt.kind == ast::StmtKind::Param;
    const auto *param = ast::as<ast::ParamStmt>(&stmt);
    const auto *held = ast::as<ast::StateStmt>(&stmt);
    const std::vector<ast::Ident> &names = isParam ? param->names : held->names;
    if (frame->path.empty()) {
      error(stmt.loc, isParam
                          ? "only a layer or a net owns parameters"
                          : "only a layer, a net or an optimizer has state");
      return;
    }
    if (!isParam && !held->type) {
      error(stmt.loc,
            "this state needs a type, as in `state mean: f32[C] = 0`");
      return;
    }
    for (const ast::Ident &name : names) {
      Val value =
          declareVariable(frame->path + "." + name.text,
                          isParam ? Variable::Parameter : Variable::State,
                          isParam ? param->type : *held->type,
                          (isParam ? param->init : held->init).get(), name.loc);
      if (isParam && param->frozen)
        frozen.insert(frame->path + "." + name.text);
      setName(name, value);
      if (!isParam && value.isTensor())
        frame->states[name.text] = frame->stacked;
    }
    return;
  }
  case ast::StmtKind::Return: {
    if (state->loop && state->loop->frame == frame) {
      error(stmt.loc, "`return` cannot leave a loop; give values by `yield`");
      return;
    }
    frame->returned = eval(*static_cast<const ast::Return &>(stmt).value);
    return;
  }
  case ast::StmtKind::Yield:
    error(stmt.loc, "`yield` belongs to the end of a loop's body");
    return;
  case ast::StmtKind::If:
    runIf(static_cast<const ast::If &>(stmt));
    return;
  case ast::StmtKind::Repeat:
    runLoop(static_cast<const ast::Loop &>(
                *static_cast<const ast::Repeat &>(stmt).loop),
            true);
    return;
  case ast::StmtKind::Print:
    runPrint(static_cast<const ast::Print &>(stmt));
    return;
  case ast::StmtKind::Expect:
    error(stmt.loc, "`expect` belongs in a test");
    return;
  }
}

Val ExpressionElaborator::named(Val value, const std::string &name) {
  if (value.isTensor()) {
    if (value.ir->hint.empty())
      value.ir->hint = name;
    return value;
  }
  if (!value.isLiteral() || value.literal->named)
    return value;
  // Each use is one value, made where the name was given.
  auto literal = std::make_shared<Literal>(*value.literal);
  literal->named = true;
  literal->value = nullptr;
  Block *block = &builder().insertionBlock();
  Location where = builder().location;
  std::vector<double> data = literal->data;
  Shape shape = literal->shape;
  literal->make = [block, where, data, shape, name](Elem elem) {
    Builder inner(*block);
    if (!block->empty())
      inner.setInsertionBefore(block->operations().front().get());
    inner.location = where;
    Type type = Type::tensor(elem, shape);
    Value *made;
    if (shape.empty()) {
      made = inner.constant(data[0], type);
    } else {
      auto dense = std::make_shared<const std::vector<double>>(data);
      made =
          inner.op("constant", {}, {{"value", Attr(DenseData(dense))}}, {type});
    }
    made->hint = name;
    return made;
  };
  value.literal = literal;
  return value;
}

bool ExpressionElaborator::mayAssign(const ast::Ident &name) {
  if (!frame->guarded.contains(name.text))
    return true;
  error(name.loc, name.text + " belongs to the outside of this loop; list "
                              "it after `carry` to change it");
  return false;
}

void ExpressionElaborator::setName(const ast::Ident &name, Val value) {
  if (name.text == "_" || !mayAssign(name))
    return;
  frame->states.erase(name.text);
  frame->values[name.text] = named(std::move(value), name.text);
}

void ExpressionElaborator::assignTarget(const ast::Target &target, Val value) {
  if (!target.isTuple()) {
    if (value.kind == Val::Tuple) {
      error(target.loc, "a tuple is only taken apart, as in `a, b = ...`; " +
                            target.name.text + " would be a tuple of " +
                            std::to_string(value.items.size()));
      value = {};
    }
    setName(target.name, value);
    return;
  }
  bool fits =
      value.kind == Val::Tuple && value.items.size() == target.elements.size();
  if (!fits && !value.isPoison())
    typeError(target.loc, "there are " +
                              std::to_string(target.elements.size()) +
                              " names for " + value.describe());
  for (size_t i = 0; i < target.elements.size(); ++i)
    assignTarget(target.elements[i], fits ? value.items[i] : Val());
}

void ExpressionElaborator::assign(const ast::Assign &assign) {
  // `cell = Lstm[E, H]` binds an instance.
  if (assign.targets.size() == 1 && !assign.targets[0].isTuple()) {
    bool failed;
    std::shared_ptr<Instance> instance = boundLayer(*assign.value, failed);
    const ast::Ident &name = assign.targets[0].name;
    if (instance && frame->path.empty()) {
      error(name.loc, "a layer is bound in a net, in a layer or at file level, "
                      "which then own its parameters");
      failed = true;
    }
    if (failed) {
      frame->values[name.text] = Val();
      return;
    }
    if (instance) {
      instance->path = frame->path + "." + name.text;
      instance->stacked = frame->stacked;
      Val value;
      value.kind = Val::Instance;
      value.instance = instance;
      frame->values[name.text] = value;
      return;
    }
  }
  Val value = eval(*assign.value);
  if (assign.targets.size() == 1) {
    assignTarget(assign.targets[0], value);
    return;
  }
  bool fits =
      value.kind == Val::Tuple && value.items.size() == assign.targets.size();
  if (!fits && !value.isPoison())
    typeError(assign.loc, "there are " + std::to_string(assign.targets.size()) +
                              " names for " + value.describe());
  for (size_t i = 0; i < assign.targets.size(); ++i)
    assignTarget(assign.targets[i], fits ? value.items[i] : Val());
}

std::optional<bool> ExpressionElaborator::condition(const ast::Expr &expr) {
  size_t before = sink.errorCount();
  ++foldNamed;
  Val value = eval(expr);
  --foldNamed;
  if (value.isLiteral() && value.literal->isScalar() &&
      value.literal->kind == LiteralKind::Bool && !value.literal->data.empty())
    return value.literal->data[0] != 0;
  if (sink.errorCount() == before)
    error(expr.loc, "`if` decides when compiling, on dimensions, on literals "
                    "and on `training`; use where(c, a, b) for values");
  return std::nullopt;
}

void ExpressionElaborator::runIf(const ast::If &stmt) {
  for (const ast::If::Arm &arm : stmt.arms) {
    std::optional<bool> taken = condition(*arm.condition);
    if (!taken) {
      // Later uses of what the arms assign are silent.
      auto silence = [&](const ast::Ident &name) {
        frame->values[name.text] = Val();
      };
      for (const ast::If::Arm &each : stmt.arms)
        forEachAssigned(each.body, silence);
      forEachAssigned(stmt.elseBody, silence);
      return;
    }
    if (*taken) {
      runBlock(arm.body);
      return;
    }
  }
  runBlock(stmt.elseBody);
}

/// What is printed is one more result of the function, so that functions stay
/// pure; from a loop it comes as the values of all turns.
void ExpressionElaborator::runPrint(const ast::Print &print) {
  Location where = location(print.loc);
  std::string text = *where.file + ":" + std::to_string(where.line) + ": ";
  if (frame->isOptimizer)
    text += frame->optimized + ": ";
  for (const ast::ExprPtr &expr : print.values) {
    Val value = eval(*expr);
    if (value.kind == Val::Text) {
      text += value.text + " ";
      continue;
    }
    std::vector<Val> items = {value};
    if (value.kind == Val::Tuple)
      items = value.items;
    for (size_t i = 0; i < items.size(); ++i) {
      value = materialise(items[i], std::nullopt, expr->loc);
      if (value.isPoison())
        continue;
      std::string name = ast::toSource(*expr);
      if (items.size() > 1)
        name += " (" + std::to_string(i + 1) + ")";
      addPrinted({value.ir, text + name});
    }
  }
}

void ExpressionElaborator::addPrinted(const Printed &printed) {
  if (state->prints)
    (state->loop ? state->loop->printed : state->printed).push_back(printed);
}

void ExpressionElaborator::runUpdate(const ast::Update &update) {
  auto known = frame->values.find(update.target.text);
  if (known == frame->values.end()) {
    unknownName(update.target, "state");
    return;
  }
  auto held = frame->states.find(update.target.text);
  bool isState = held != frame->states.end();
  if (!frame->isOptimizer && !isState) {
    if (!known->second.isPoison())
      error(update.target.loc, update.target.text +
                                   " is no state; `<-` changes what `state` "
                                   "declares");
    return;
  }
  // Outside training the text is still checked; what it makes is unused.
  Val value = eval(*update.value);
  const Val &old = known->second;
  if (value.isPoison() || old.isPoison())
    return;
  value = materialise(value, old.ir->type().elem(), update.value->loc);
  if (value.isPoison())
    return;
  std::vector<Val> both = {old, value};
  std::optional<Aligned> aligned = align(both, update.loc);
  if (!aligned)
    return;
  if (!(aligned->shape == old.ir->type().shape()) ||
      value.ir->type().elem() != old.ir->type().elem()) {
    error(update.value->loc, update.target.text + " is " + old.describe() +
                                 ", and its new value is " + value.describe());
    return;
  }
  if (!frame->isOptimizer && !state->training)
    return;
  at(update.loc);
  Value *now = stretch(value, old.ir->type().shape());
  if (frame->isOptimizer) {
    frame->values[update.target.text] = Val::tensor(now, old.axes);
    return;
  }
  std::string path = frame->path + "." + update.target.text;
  variable(path, held->second);
  setVariable(path, held->second, builder().op("stop_gradient", {now}));
}

} // namespace nnc
