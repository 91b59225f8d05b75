//===- callables.cpp: calls of functions, layers and nets -----------------===//
#include "frontend/expression_elaborator.h"
#include "frontend/limitations.h"

#include "frontend/walk.h"

#include <algorithm>

namespace nnc {

bool hasAxis(const ast::Type &type, const std::string &name) {
  for (const ast::Type::Dim &dim : type.dims)
    if (auto *size = ast::as<ast::Name>(dim.size); size && size->text() == name)
      return true;
  for (const ast::Type &element : type.elements)
    if (hasAxis(element, name))
      return true;
  return false;
}

std::vector<std::string> resultSizes(const ast::Callable &net,
                                     const FileScope &file) {
  std::vector<std::string> names;
  if (net.callable != ast::CallableKind::Net)
    return names;
  for (const auto &[name, entry] : file.dims) {
    if (entry->value || !hasAxis(*net.result, name) ||
        !mentions(net.body, name))
      continue;
    bool isOpen = true;
    for (const auto &param : net.params)
      isOpen &= !hasAxis(*param.type, name);
    for (const auto &param : net.dimParams)
      isOpen &= param.name.text != name;
    if (isOpen)
      names.push_back(name);
  }
  return names;
}

Frame ExpressionElaborator::topFrame(const FileScope &file) {
  Frame top;
  top.file = &file;
  top.scope = ++scopeCount;
  return top;
}

bool ExpressionElaborator::bindBrackets(const CallSite &site,
                                        const ast::Callable &callable,
                                        const FileScope &file,
                                        std::map<std::string, DimArg> &dims) {
  if (!site.hasBrackets)
    return true;
  size_t position = 0;
  bool ok = true;
  for (const ast::Item &item : *site.brackets) {
    std::string name;
    if (item.kind == ast::Item::Named) {
      for (const auto &each : callable.dimParams)
        if (each.name.text == item.name.text)
          name = each.name.text;
      std::vector<std::string> known = resultSizes(callable, file);
      for (const std::string &each : known)
        if (each == item.name.text)
          name = each;
      if (name.empty()) {
        for (const auto &each : callable.dimParams)
          known.push_back(each.name.text);
        unknown(item.name,
                callable.name.text + " has no bracket argument " +
                    item.name.text,
                known)
            .note(callable.name.loc, "it is defined here");
        ok = false;
        continue;
      }
    } else if (item.kind == ast::Item::Value) {
      if (position == callable.dimParams.size()) {
        error(item.loc, callable.name.text + " takes " +
                            std::to_string(callable.dimParams.size()) +
                            " arguments in brackets")
            .note(callable.name.loc, "it is defined here");
        return false;
      }
      name = callable.dimParams[position++].name.text;
    } else {
      error(item.loc, "the arguments in brackets of " + callable.name.text +
                          " are sizes, not slices");
      ok = false;
      continue;
    }
    std::optional<DimArg> arg = dimArgument(*item.value);
    if (!arg) {
      ok = false;
    } else if (!dims.emplace(name, *arg).second) {
      error(item.loc, name + " is given twice");
      ok = false;
    }
  }
  return ok;
}

bool ExpressionElaborator::bindArguments(
    const CallSite &site, const ast::Callable &callable,
    std::vector<std::optional<Val>> &values, std::vector<Loc> &locs) {
  values.assign(callable.params.size(), std::nullopt);
  locs.assign(callable.params.size(), site.loc);
  size_t position = 0;
  bool ok = true;
  for (const ast::Arg &arg : *site.args) {
    size_t index = callable.params.size();
    if (arg.name.text.empty()) {
      index = position++;
    } else {
      for (size_t i = 0; i < callable.params.size(); ++i)
        if (callable.params[i].name.text == arg.name.text)
          index = i;
    }
    if (index >= callable.params.size()) {
      if (arg.name.text.empty()) {
        error(arg.loc(),
              callable.name.text + " takes " +
                  std::to_string(callable.params.size()) +
                  (callable.params.size() == 1 ? " argument" : " arguments"))
            .note(callable.name.loc, "it is defined here");
        return false;
      }
      std::vector<std::string> known;
      for (const auto &param : callable.params)
        known.push_back(param.name.text);
      unknown(arg.name,
              callable.name.text + " has no argument " + arg.name.text, known)
          .note(callable.name.loc, "it is defined here");
      return false;
    }
    const ast::Callable::Param &param = callable.params[index];
    if (values[index]) {
      error(arg.loc(), "argument " + param.name.text + " is given twice");
      return false;
    }
    if (arg.item.kind != ast::Item::Value) {
      error(arg.loc(), "a slice is no argument of " + callable.name.text);
      return false;
    }
    locs[index] = arg.item.value->loc;
    bool isAxis = param.type && (param.type->kind == ast::Type::Axis ||
                                 param.type->kind == ast::Type::Axes);
    if (isAxis) {
      std::optional<Val> axes = axesArgument(*arg.item.value);
      ok &= axes.has_value();
      values[index] = axes.value_or(Val());
    } else {
      values[index] = eval(*arg.item.value);
      ok &= !values[index]->isPoison();
    }
  }
  return ok;
}

bool ExpressionElaborator::completeDims(Frame &callee, const CallSite *site) {
  bool ok = true;
  Frame *saved = frame;
  frame = &callee;
  auto missing = [&](const std::string &size, Loc declared) {
    std::string name = callee.callable->name.text;
    error(site ? site->loc : declared,
          "the arguments of " + name + " do not determine " + size +
              "; give it in brackets, as in " + name + "[" + size + " = ...]")
        .note(declared, "it is declared here");
    return false;
  };
  for (const auto &param : callee.callable->dimParams) {
    if (callee.dims.contains(param.name.text))
      continue;
    if (param.init) {
      if (std::optional<Dim> size = dimValue(*param.init)) {
        callee.dims[param.name.text] = {*size, {}, param.init->loc, false};
        continue;
      }
    } else if (!callee.callable->result ||
               callee.callable->callable != ast::CallableKind::Net) {
      // One that only the result has is found there.
      bool inResult = callee.callable->result &&
                      hasAxis(*callee.callable->result, param.name.text);
      bool used = mentions(callee.callable->body, param.name.text);
      if (inResult && !used)
        continue;
    }
    ok = missing(param.name.text, param.name.loc);
  }
  for (const std::string &name : resultSizes(*callee.callable, *callee.file))
    if (site && !callee.dims.contains(name))
      ok = missing(name, callee.file->dims.at(name)->name.loc);
  frame = saved;
  return ok;
}

std::string loweredName(std::string name) {
  for (char &c : name)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

/// What an activation knows without a call: the defaults of its sizes, and
/// those of its arguments that are written as numbers.
void ExpressionElaborator::completeDefaults(Frame &callee) {
  Frame *saved = frame;
  frame = &callee;
  for (const auto &param : callee.callable->dimParams)
    if (param.init && !callee.dims.contains(param.name.text))
      if (std::optional<Dim> size = dimValue(*param.init))
        callee.dims[param.name.text] = {*size, {}, param.init->loc, false};
  for (const auto &param : callee.callable->params)
    if (ast::as<ast::Number>(param.init) || ast::as<ast::Bool>(param.init))
      callee.values[param.name.text] = eval(*param.init);
  frame = saved;
}

void ExpressionElaborator::numberInstances(Frame &where,
                                           const ast::Block &body) {
  std::vector<const ast::Call *> calls;
  forEachExpr(body, [&](const ast::Expr &expr) {
    auto *call = ast::as<ast::Call>(&expr);
    auto *callee = call ? ast::as<ast::Name>(call->callee) : nullptr;
    if (callee && callee->path.back().isCompileTime())
      calls.push_back(call);
  });
  std::stable_sort(calls.begin(), calls.end(),
                   [](const ast::Call *a, const ast::Call *b) {
                     return a->callee->loc.offset < b->callee->loc.offset;
                   });
  std::map<std::string, int> counts;
  for (const ast::Call *call : calls) {
    std::string name =
        loweredName(static_cast<ast::Name &>(*call->callee).path.back().text);
    where.instanceNames[call] = name + std::to_string(++counts[name]);
  }
}

Val ExpressionElaborator::runBody(Frame &callee) {
  numberInstances(callee, callee.callable->body);
  Frame *saved = frame;
  frame = &callee;
  size_t before = sink.errorCount();
  runBlock(callee.callable->body);
  frame = saved;
  if (!callee.returned) {
    if (sink.errorCount() == before)
      error(callee.callable->bodyEnd,
            callee.callable->name.text + " ends without `return`");
    return {};
  }
  return *callee.returned;
}

Val ExpressionElaborator::callInstance(const CallSite &site,
                                       const Instance &instance) {
  if (site.hasBrackets)
    return poison(site.loc, site.name +
                                " has its bracket arguments already; call it "
                                "without");
  return call(site, *instance.callable, *instance.file, &instance);
}

/// An optional tensor that was left out: its default, a lone number.
static bool isAbsent(const ast::Callable::Param &param, const Val &value) {
  bool isOptional = param.type && param.type->kind == ast::Type::Tensor &&
                    !param.type->dims.empty() && value.isLiteral() &&
                    value.literal->isScalar() && !value.literal->fresh;
  if (!isOptional || value.literal->data.size() != 1)
    return false;
  double number = value.literal->data[0];
  if (auto *flag = ast::as<ast::Bool>(param.init))
    return value.literal->kind == LiteralKind::Bool && number == flag->value;
  auto *init = ast::as<ast::Number>(param.init);
  return init && value.literal->kind != LiteralKind::Bool &&
         number == std::strtod(init->text.c_str(), nullptr);
}

Val ExpressionElaborator::call(const CallSite &site,
                               const ast::Callable &callable,
                               const FileScope &file,
                               const Instance *instance) {
  using Kind = ast::CallableKind;
  if (callable.callable == Kind::Optimizer)
    return poison(site.loc, callable.name.text +
                                " is an optimizer; it stands after `optimizer` "
                                "in a train block");
  for (const Frame *each = frame; each; each = each->caller)
    if (each->callable == &callable) {
      std::string chain = callable.name.text;
      std::vector<std::string> names;
      for (const Frame *f = frame; f != each; f = f->caller)
        names.push_back(f->callable->name.text);
      for (size_t i = names.size(); i-- > 0;)
        chain += " -> " + names[i];
      return mistyped(site.loc, callable.name.text +
                                    " calls itself, which nothing may: " +
                                    chain + " -> " + callable.name.text);
    }
  called.insert(&callable);
  if (onTrial && ++trialCalls > maxCalls)
    return {};
  if (!onTrial && ++state->calls > maxCalls)
    return state->calls > maxCalls + 1
               ? Val()
               : unsupported(site.loc, limitations::manyCalls);
  if (frame->depth > 100)
    return poison(site.loc, "calls are nested more than 100 deep");

  Frame callee;
  callee.callable = &callable;
  callee.file = &file;
  callee.caller = frame;
  callee.callLoc = site.loc;
  callee.scope = ++scopeCount;
  callee.depth = frame->depth + 1;
  bool wasTraining = state->training;
  if (callable.callable == Kind::Net) {
    callee.path = file.prefix + callable.name.text;
    claimPath(callee.path, callable.name.loc);
    noteUse(callee.path);
  } else if (callable.callable == Kind::Layer) {
    if (instance) {
      callee.path = instance->path;
      callee.stacked = instance->stacked;
      if (instance->isShared)
        noteUse(callee.path);
    } else {
      if (frame->path.empty())
        return poison(site.loc,
                      callable.name.text +
                          " is a layer and owns parameters: call it in a net "
                          "or a layer");
      callee.path = frame->path + "." + frame->instanceNames[site.expr];
      callee.stacked = frame->stacked;
    }
  }

  std::map<std::string, DimArg> dims;
  if (instance)
    dims = instance->dims;
  std::vector<std::optional<Val>> values;
  std::vector<Loc> locs;
  bool ok = instance || bindBrackets(site, callable, file, dims);
  ok &= bindArguments(site, callable, values, locs);
  if (!ok)
    return {};
  for (const auto &[name, arg] : dims) {
    // A layer bound in another file may have brackets of constants there.
    bool isKnown =
        arg.axis.scope > 0 || arg.axis.scope == frame->file->constants;
    callee.dims[name] = {arg.size, isKnown ? arg.axis : AxisName(), arg.loc,
                         false};
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const ast::Callable::Param &param = callable.params[i];
    // One that is absent here too is handed on.
    if (values[i] && isAbsent(param, *values[i]))
      values[i] = std::nullopt;
    if (values[i] && param.type)
      ok &= bindParameter(callee, *param.type, *values[i], param.name.text,
                          locs[i]);
  }
  if (!ok || !completeDims(callee, &site))
    return {};
  for (size_t i = 0; i < values.size(); ++i) {
    const ast::Callable::Param &param = callable.params[i];
    if (!values[i]) {
      if (!param.init) {
        error(site.loc,
              callable.name.text + " needs its argument " + param.name.text)
            .note(param.name.loc, "it is declared here");
        ok = false;
        continue;
      }
      Frame *saved = frame;
      frame = &callee;
      bool isAxis = param.type && (param.type->kind == ast::Type::Axis ||
                                   param.type->kind == ast::Type::Axes);
      values[i] = isAxis ? axesArgument(*param.init).value_or(Val())
                         : eval(*param.init);
      frame = saved;
      // An absent optional tensor: `where = true` and the like stay numbers.
      if (param.type &&
          !(values[i]->isLiteral() && values[i]->literal->isScalar() &&
            !param.type->dims.empty()))
        ok &= bindParameter(callee, *param.type, *values[i], param.name.text,
                            param.init->loc);
    }
    if (ok && param.type)
      ok &= checkParameter(callee, *param.type, *values[i], param.name.text,
                           locs[i]);
  }
  if (!ok)
    return {};
  // An axis that `over` names or that is among `..` has the callee's name for
  // it, where it has one.
  auto nameInside = [&](AxisNames &axes) {
    for (AxisName &axis : axes)
      for (const auto &[name, binding] : callee.dims)
        if (!axis.none() && binding.outer == axis) {
          axis = {callee.scope, name, binding.origin};
          break;
        }
  };
  for (size_t i = 0; i < values.size(); ++i) {
    nameInside(values[i]->axes);
    callee.values[callable.params[i].name.text] = *values[i];
  }
  if (callee.leading)
    nameInside(callee.leading->axes);
  if (callable.callable == Kind::Net && !state->trained.empty())
    state->training = isTrained(callee.path);
  Val result = runBody(callee);
  state->training = wasTraining;
  at(site.loc);
  Loc loc = callable.name.loc;
  for (const ast::StmtPtr &stmt : callable.body)
    if (auto *ret = ast::as<ast::Return>(stmt))
      loc = ret->value->loc;
  return returnValue(callee, *callable.result, result, loc, true);
}

} // namespace nnc
