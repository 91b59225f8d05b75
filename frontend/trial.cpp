//===- trial.cpp: the types of a definition that nothing calls ------------===//
//
// It is elaborated once with the axes of its own signature, whose sizes are
// symbols, and what that makes is thrown away. A call could give sizes with
// which more is right than with symbols, so that only errors of types are
// believed (names of axes, element types, numbers of axes), and of these only
// those before the first that might come from a size. What `..` stands for is
// tried with none to four axes: an error counts if each has it. A definition
// that takes `axis` or `axes` is not tried: only a call says which. Functions
// of which each calls the one before twice make 2^n calls, so that all trials
// together end after a number of calls.
//
//===----------------------------------------------------------------------===//
#include "frontend/elaborator.h"

#include "frontend/walk.h"

#include <algorithm>

namespace nnc {

static bool has(const ast::Type &type, bool (*property)(const ast::Type &)) {
  return property(type) ||
         std::any_of(
             type.elements.begin(), type.elements.end(),
             [&](const ast::Type &each) { return has(each, property); });
}

static bool takesAxes(const ast::Type &type) {
  return type.kind == ast::Type::Axis || type.kind == ast::Type::Axes;
}

static bool isOpen(const ast::Type &type) {
  return std::any_of(
      type.dims.begin(), type.dims.end(),
      [](const ast::Type::Dim &dim) { return dim.isEllipsis(); });
}

/// A value of the type; its names that have no size become symbols.
Val Elaborator::symbolicArgument(Frame &callee, const ast::Type &type) {
  if (type.kind == ast::Type::Tuple) {
    std::vector<Val> items;
    for (const ast::Type &each : type.elements)
      items.push_back(symbolicArgument(callee, each));
    return Val::tuple(std::move(items));
  }
  for (const ast::Type::Dim &dim : type.dims) {
    auto *name = ast::as<ast::Name>(dim.size);
    if (!name || !name->isSimple() || !name->first().isCompileTime())
      continue;
    const std::string &text = name->first().text;
    if (!findDim(callee, text, dim.loc))
      callee.dims[text] = {Dim::symbol(text), {}, dim.loc, false};
  }
  AxisNames axes;
  std::optional<Type> known = typeOf(callee, type, &axes);
  return known ? Val::tensor(state->function->addArgument(*known, "", {}), axes)
               : Val();
}

/// The errors that may be believed, where `..` stands for so many axes.
std::vector<Diagnostic> Elaborator::tryDefinition(const ast::Callable &callable,
                                                  const FileScope &file,
                                                  int leading) {
  Snapshot before = snapshot();
  std::set<const ast::Callable *> others;
  others.swap(called);
  FunctionState scratch;
  Function function;
  scratch.function = &function;
  scratch.builder = std::make_unique<Builder>(function.body);
  state = &scratch;
  onTrial = true;
  Frame callee = topFrame(file);
  callee.callable = &callable;
  if (callable.callable == ast::CallableKind::Layer)
    callee.path = file.prefix + callable.name.text;
  callee.leading.emplace();
  for (int i = 0; i < leading; ++i) {
    // One axis prints as the signature has it.
    std::string symbol = leading == 1 ? ".." : ".." + std::to_string(i);
    callee.leading->shape.push_back(Dim::symbol(symbol));
    callee.leading->axes.emplace_back();
  }
  // One that the body determines for the result alone is found there.
  for (const auto &param : callable.dimParams)
    if (const std::string &name = param.name.text;
        !hasAxis(*callable.result, name) || mentions(callable.body, name))
      callee.dims[name] = {Dim::symbol(name), {}, param.name.loc, false};
  frame = &callee;
  for (const ast::Callable::Param &param : callable.params)
    callee.values[param.name.text] = symbolicArgument(callee, *param.type);
  Val result = runBody(callee);
  Loc loc = callable.name.loc;
  for (const ast::StmtPtr &stmt : callable.body)
    if (auto *ret = ast::as<ast::Return>(stmt))
      loc = ret->value->loc;
  returnValue(callee, *callable.result, result, loc, false);
  frame = nullptr;
  state = nullptr;
  onTrial = false;
  called.swap(others);
  std::vector<Diagnostic> errors;
  for (size_t i = before.diagnostics.diagnostics; i < sink.all().size(); ++i) {
    const Diagnostic &each = sink.all()[i];
    if (!each.holdsForAnySize)
      break;
    errors.push_back(each);
  }
  restore(before);
  return errors;
}

void Elaborator::checkTypes(const ast::Callable &callable,
                            const FileScope &file) {
  if (callable.callable == ast::CallableKind::Optimizer)
    return;
  bool open = has(*callable.result, isOpen);
  for (const ast::Callable::Param &param : callable.params) {
    if (has(*param.type, takesAxes))
      return;
    open |= has(*param.type, isOpen);
  }
  std::vector<Diagnostic> errors = tryDefinition(callable, file, 1);
  for (int leading : {0, 2, 3, 4}) {
    if (!open || errors.empty())
      break;
    std::vector<Diagnostic> again = tryDefinition(callable, file, leading);
    std::erase_if(errors, [&](const Diagnostic &error) {
      return std::none_of(
          again.begin(), again.end(),
          [&](const Diagnostic &other) { return other.loc == error.loc; });
    });
  }
  for (const Diagnostic &error : errors)
    sink.error(error.loc, error.message) = error;
}

} // namespace nnc
