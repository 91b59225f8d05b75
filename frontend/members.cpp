//===- members.cpp: names with dots, and layers bound at file level -------===//
//
// `A.Dense`: a definition of a file that is imported with a name;
// `Translate.step`: a layer bound inside a net; `enc.w`: a parameter of a
// bound layer. A step into an owner reads its text and runs none of it, so that
// the order of definitions does not matter.
//
//===----------------------------------------------------------------------===//
#include "frontend/expression_elaborator.h"

#include "frontend/walk.h"

namespace nnc {

std::optional<Definition>
ExpressionElaborator::definition(const ast::Name &name, size_t &used) {
  const FileScope &file = *frame->file;
  const ast::Ident &first = name.first();
  used = 1;
  auto alias = file.aliases.find(first.text);
  if (alias == file.aliases.end()) {
    Definition found = scopes.find(file, first);
    if (!found && !isBuiltin(first.text))
      found = scopes.findStd(first.text);
    return found;
  }
  if (!alias->second)
    return std::nullopt; // The file could not be read.
  if (name.isSimple()) {
    error(first.loc, first.text + " is an imported file; write " + first.text +
                         ".Name for what it defines");
    return std::nullopt;
  }
  const ast::Ident &second = name.path[1];
  used = 2;
  if (Definition own = Scopes::findOwn(*alias->second, second.text))
    return own;
  if (alias->second->dims.contains(second.text)) {
    error(second.loc, second.text + " is a dimension of " + first.text +
                          ", and dimensions stay in their file");
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const auto &[each, callable] : alias->second->callables)
    known.push_back(each);
  for (const auto &[each, binding] : alias->second->bindings)
    known.push_back(each);
  std::string near = nearest(second.text, known);
  error(second.loc, "there is no " + second.text + " in " + first.text +
                        (near.empty() ? "" : "; did you mean " + near + "?"));
  return std::nullopt;
}

/// The layer that `value` binds, as in `Lstm[E, H]` or `A.Lstm`; else null.
std::shared_ptr<Instance>
ExpressionElaborator::boundLayer(const ast::Expr &value, bool &failed) {
  failed = false;
  auto *index = ast::as<ast::Index>(&value);
  auto *name = ast::as<ast::Name>(index ? index->base.get() : &value);
  if (!name || !name->path.back().isCompileTime() ||
      frame->values.contains(name->first().text) ||
      findDim(*frame, name->first().text, name->loc))
    return nullptr;
  size_t used;
  std::optional<Definition> found = definition(*name, used);
  failed = !found;
  if (!found || !found->callable || used != name->path.size() ||
      found->callable->callable != ast::CallableKind::Layer)
    return nullptr;
  auto instance = std::make_shared<Instance>();
  instance->callable = found->callable;
  instance->file = found->file;
  CallSite site{&value,
                name->loc,
                name->text(),
                index != nullptr,
                index ? &index->items : nullptr,
                nullptr};
  failed = !bindBrackets(site, *found->callable, *found->file, instance->dims);
  return failed ? nullptr : instance;
}

void ExpressionElaborator::claimPath(const std::string &path, Loc loc) {
  auto [owner, fresh] = pathOwners.emplace(path, loc);
  if (!fresh && !(owner->second == loc))
    error(loc, "the parameters of two definitions would have the path " + path +
                   "; import one of the files with `as`")
        .note(owner->second, "the other is here");
}

std::shared_ptr<Instance>
ExpressionElaborator::fileInstance(const Definition &found) {
  auto [place, fresh] = fileInstances.emplace(found.binding, nullptr);
  if (!fresh)
    return place->second;
  const ast::Target &target = found.binding->targets[0];
  Frame top = topFrame(*found.file);
  Frame *saved = frame;
  frame = &top;
  bool failed = false;
  std::shared_ptr<Instance> instance;
  if (found.binding->targets.size() == 1 && !target.isTuple())
    instance = boundLayer(*found.binding->value, failed);
  if (!instance && !failed)
    error(found.binding->loc, "outside of nets only a layer is bound, as in "
                              "`cell = Lstm[E, H]`; a size is a `dim`");
  frame = saved;
  if (!instance)
    return nullptr;
  instance->path = found.file->prefix + target.name.text;
  instance->isShared = true;
  claimPath(instance->path, target.name.loc);
  return fileInstances[found.binding] = instance;
}

/// The net whose text is being run calls or reads what has this path.
void ExpressionElaborator::noteUse(const std::string &path) {
  for (const Frame *each = frame; each; each = each->caller)
    if (each->callable && each->callable->callable == ast::CallableKind::Net) {
      netCalls[each->path].insert(path);
      return;
    }
}

/// Names of an owner's axes as this definition knows them: its own, constants
/// of a file, or none.
AxisName ExpressionElaborator::inward(const Frame &owner, AxisName axis) {
  for (const Frame *each = &owner; each && each != frame; each = each->caller)
    axis = outward(*each, axis);
  bool known =
      axis.scope == frame->scope || axis.scope == frame->file->constants;
  return known ? axis : AxisName();
}

/// The activation that an instance's calls will have, as far as its brackets
/// tell.
static void enter(Frame &owner, const Instance &instance, const Frame *caller) {
  owner.callable = instance.callable;
  owner.file = instance.file;
  owner.path = instance.path;
  owner.stacked = instance.stacked;
  owner.caller = caller;
  for (const auto &[name, arg] : instance.dims)
    owner.dims[name] = {arg.size, arg.axis, arg.loc, false};
}

/// The statement that gives `name` to a parameter, a state or a bound layer.
const ast::Stmt *ExpressionElaborator::findMember(const ast::Block &block,
                                                  const std::string &name) {
  auto has = [&](const std::vector<ast::Ident> &names) {
    for (const ast::Ident &each : names)
      if (each.text == name)
        return true;
    return false;
  };
  for (const ast::StmtPtr &stmt : block) {
    if (auto *param = ast::as<ast::ParamStmt>(stmt); param && has(param->names))
      return param;
    if (auto *held = ast::as<ast::StateStmt>(stmt); held && has(held->names))
      return held;
    if (auto *assign = ast::as<ast::Assign>(stmt))
      if (assign->targets.size() == 1 && assign->targets[0].name.text == name)
        return assign;
    auto *branch = ast::as<ast::If>(stmt);
    if (!branch)
      continue;
    const ast::Block *taken = &branch->elseBody;
    for (const ast::If::Arm &arm : branch->arms) {
      // Only the text of an arm that has the name needs its condition.
      const ast::Stmt *inside = findMember(arm.body, name);
      if (inside && condition(*arm.condition).value_or(false))
        return inside;
    }
    if (const ast::Stmt *inside = findMember(*taken, name))
      return inside;
  }
  return nullptr;
}

/// `enc.w`, which `enc` may not have been called to make.
Val ExpressionElaborator::memberVariable(Frame &owner, const ast::Stmt &stmt,
                                         const ast::Name &name) {
  const std::string &text = name.path.back().text;
  std::string path = owner.path + "." + text;
  const auto *param = ast::as<ast::ParamStmt>(&stmt);
  const auto *held = ast::as<ast::StateStmt>(&stmt);
  const ast::Type *type = param        ? &param->type
                          : held->type ? &*held->type
                                       : nullptr;
  if (!type)
    return poison(stmt.loc,
                  "this state needs a type, as in `state mean: f32[C] = 0`");
  const ast::Expr *init = param ? param->init.get() : held->init.get();
  std::string missing;
  for (const ast::Type::Dim &dim : type->dims)
    if (auto *size = ast::as<ast::Name>(dim.size))
      for (const auto &each : owner.callable->dimParams)
        if (size->text() == each.name.text &&
            !owner.dims.contains(each.name.text))
          missing = "its size " + each.name.text;
  bool exists = findVariable(path) >= 0;
  if (exists && !missing.empty() && !owner.stacked)
    return readVariable(path, nullptr, name.loc);
  // A first value may use what the body computes.
  if (!exists && missing.empty() && init)
    forEachExpr(*init, [&](const ast::Expr &expr) {
      auto *used = ast::as<ast::Name>(&expr);
      if (!used || used->first().isCompileTime())
        return;
      bool local = false;
      for (const auto &each : owner.callable->params)
        local |= each.name.text == used->first().text;
      forEachAssigned(owner.callable->body, [&](const ast::Ident &each) {
        local |= each.text == used->first().text;
      });
      if (local)
        missing = "its first value";
    });
  if (!missing.empty() && !(exists && missing == "its first value")) {
    std::string before = name.text().substr(0, name.text().rfind('.'));
    return poison(name.loc, name.text() + " is read before a call of " +
                                before + " settles " + missing +
                                (missing.starts_with("its size")
                                     ? "; give it in brackets where " + before +
                                           " is bound"
                                     : ""));
  }
  Frame *saved = frame;
  frame = &owner;
  Val value =
      declareVariable(path, param ? Variable::Parameter : Variable::State,
                      *type, init, name.path.back().loc);
  frame = saved;
  for (AxisName &axis : value.axes)
    axis = inward(owner, axis);
  return value;
}

std::optional<ExpressionElaborator::Member>
ExpressionElaborator::resolve(const ast::Name &name) {
  const ast::Ident &first = name.first();
  Member member;
  size_t used = 1;
  std::vector<std::unique_ptr<Frame>> owners;
  auto push = [&]() -> Frame & {
    owners.push_back(std::make_unique<Frame>());
    owners.back()->scope = ++scopeCount;
    owners.back()->depth = frame->depth;
    return *owners.back();
  };
  auto local = frame->values.find(first.text);
  if (local != frame->values.end()) {
    if (local->second.isPoison())
      return std::nullopt;
    if (local->second.kind != Val::Instance) {
      error(first.loc, first.text + " is " + local->second.describe() +
                           ", which has no parts");
      return std::nullopt;
    }
    member.instance = local->second.instance;
  } else {
    std::optional<Definition> found = definition(name, used);
    if (!found)
      return std::nullopt;
    if (!*found) {
      unknownName(first, first.isCompileTime() ? "net" : "value");
      return std::nullopt;
    }
    if (found->binding) {
      member.instance = fileInstance(*found);
      if (!member.instance)
        return std::nullopt;
    } else if (used == name.path.size()) {
      member.definition = *found;
      return member;
    } else if (found->callable->callable != ast::CallableKind::Net) {
      const std::string &text = found->callable->name.text;
      error(first.loc,
            text + " is a " + ast::spelling(found->callable->callable) +
                ", which has no parts" +
                (found->callable->callable == ast::CallableKind::Layer
                     ? "; bind it, as in `" + loweredName(text) + " = " + text +
                           "[...]`"
                     : ""));
      return std::nullopt;
    } else {
      Frame &owner = push();
      owner.callable = found->callable;
      owner.file = found->file;
      owner.path = found->file->prefix + found->callable->name.text;
      completeDefaults(owner);
    }
  }
  for (; used < name.path.size(); ++used) {
    if (member.instance) {
      const Frame *caller = owners.empty() ? frame : owners.back().get();
      enter(push(), *member.instance, caller);
      completeDefaults(*owners.back());
      if (member.instance->isShared)
        noteUse(member.instance->path);
      member.instance = nullptr;
    }
    Frame &owner = *owners.back();
    const ast::Ident &part = name.path[used];
    Frame *saved = frame;
    frame = &owner;
    const ast::Stmt *stmt = findMember(owner.callable->body, part.text);
    bool failed = false;
    if (auto *assign = ast::as<ast::Assign>(stmt))
      member.instance = boundLayer(*assign->value, failed);
    frame = saved;
    if (failed)
      return std::nullopt;
    if (member.instance) {
      member.instance->path = owner.path + "." + part.text;
      member.instance->stacked = owner.stacked;
      member.instance->isShared = true;
      for (auto &[dim, arg] : member.instance->dims)
        arg.axis = inward(owner, arg.axis);
      continue;
    }
    bool isLast = used + 1 == name.path.size();
    if (isLast && stmt && !ast::as<ast::Assign>(stmt)) {
      member.value = memberVariable(owner, *stmt, name);
      return member;
    }
    // Layers called in place have paths and no names.
    if (owner.callable->callable == ast::CallableKind::Net)
      ensureElaborated(*owner.callable, *owner.file);
    std::string path = owner.path;
    for (size_t i = used; i < name.path.size(); ++i)
      path += "." + name.path[i].text;
    if (findVariable(path) < 0)
      for (const Variable &each : program.variables)
        if (each.path.starts_with(path + ".")) {
          error(part.loc, part.text + " is called in place in " +
                              owner.callable->name.text +
                              "; bind it there to share it, as in `" +
                              part.text + " = ...`");
          return std::nullopt;
        }
    member.value = readVariable(path, owner.stacked, first.loc);
    return member;
  }
  return member;
}

} // namespace nnc
