//===- calls.cpp: what the name in a call means ---------------------------===//
#include "frontend/expression_elaborator.h"

#include "ir/check.h"

namespace nnc {

/// A call of a function of std that no text of the program has written.
Val ExpressionElaborator::callStd(const std::string &name,
                                  const std::vector<Val> &values, Loc loc) {
  Definition found = scopes.findStd(name);
  std::vector<ast::Arg> args(values.size());
  Frame caller = *frame;
  for (size_t i = 0; i < values.size(); ++i) {
    auto value = std::make_unique<ast::Name>();
    value->loc = loc;
    value->path = {{"argument" + std::to_string(i), loc}};
    caller.values[value->path[0].text] = values[i];
    args[i].item.loc = loc;
    args[i].item.value = std::move(value);
  }
  CallSite site{nullptr, loc, name, false, nullptr, &args};
  Frame *saved = frame;
  frame = &caller;
  Val result = call(site, *found.callable, *found.file, nullptr);
  frame = saved;
  return result;
}

Val ExpressionElaborator::evalCall(const ast::Call &call) {
  auto *callee = ast::as<ast::Name>(call.callee);
  check(callee, "the parser lets only a name be called");
  CallSite site{&call,
                callee->loc,
                callee->text(),
                call.hasBrackets,
                &call.bracketArgs,
                &call.args};
  return callNamed(site, *callee);
}

Val ExpressionElaborator::callNamed(const CallSite &site,
                                    const ast::Name &callee) {
  const ast::Ident &first = callee.first();
  if (!callee.isSimple()) {
    std::optional<Member> member = resolve(callee);
    if (!member)
      return {};
    if (member->definition)
      return call(site, *member->definition.callable, *member->definition.file,
                  nullptr);
    if (member->instance)
      return callInstance(site, *member->instance);
    if (!member->value.isPoison())
      error(first.loc, callee.text() + " is " + member->value.describe() +
                           ", which cannot be called");
    return {};
  }
  auto local = frame->values.find(first.text);
  if (local != frame->values.end() && local->second.kind == Val::Instance)
    return callInstance(site, *local->second.instance);
  size_t used;
  std::optional<Definition> found = definition(callee, used);
  if (!found)
    return {};
  if (found->binding) {
    std::shared_ptr<Instance> instance = fileInstance(*found);
    return instance ? callInstance(site, *instance) : Val();
  }
  if (*found)
    return call(site, *found->callable, *found->file, nullptr);
  if (isBuiltin(first.text)) {
    Val value = callBuiltin(site);
    at(site.loc);
    return value;
  }
  static const std::set<std::string> initialisers = {"glorot", "he",
                                                     "orthogonal"};
  if (initialisers.contains(first.text))
    return poison(first.loc, first.text + "() is a first value, and stands "
                                          "alone after `param ... =`");
  if (local != frame->values.end()) {
    if (!local->second.isPoison())
      error(first.loc, first.text + " is " + local->second.describe() +
                           ", which cannot be called");
    return {};
  }
  unknownName(first, first.isCompileTime() ? "layer or net" : "function");
  return {};
}

} // namespace nnc
