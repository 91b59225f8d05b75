#include "frontend/writer/writer.h"

#include "ir/op_def.h"
#include "ir/scan.h"

#include <algorithm>
#include <cctype>

namespace nnc {

/// Longer expressions get a name.
static constexpr size_t longestPart = 40;
static constexpr size_t longestFormula = 20;

/// The arguments that the body reads, and those that alone tell a size.
static std::vector<int64_t> argumentsOf(const Function &function,
                                        std::set<std::string> &bound) {
  std::vector<int64_t> used;
  auto addIf = [&](auto wants) {
    for (int64_t i = 0; i < function.body.argumentCount(); ++i) {
      const Value *argument = function.body.argument(i);
      if (std::count(used.begin(), used.end(), i) || !wants(argument))
        continue;
      used.push_back(i);
      for (const Dim &size : argument->type().shape())
        if (std::optional<std::string> symbol = size.asSymbol())
          bound.insert(*symbol);
    }
  };
  addIf([](const Value *argument) { return !argument->isUnused(); });
  addIf([&](const Value *argument) {
    for (const Dim &size : argument->type().shape())
      if (auto symbol = size.asSymbol())
        if (!bound.contains(*symbol))
          return true;
    return false;
  });
  std::sort(used.begin(), used.end());
  return used;
}

static std::set<std::string> sizesOf(const Function &function) {
  std::vector<std::string> all = function.dimSymbols();
  return {all.begin(), all.end()};
}

Writer::Writer(const Function &function, const std::set<std::string> &symbols)
    : function(function), labels(symbols, sizesOf(function)) {
  for (size_t i = 0; i < function.argAttrs.size(); ++i)
    if (const Attr *axes = function.argAttrs[i].find("axes")) {
      const Type &type =
          function.body.argument(static_cast<int64_t>(i))->type();
      const AttrList &texts = axes->asList();
      for (size_t axis = 0; axis < texts.size(); ++axis)
        if (std::isupper(
                static_cast<unsigned char>(texts[axis].asString().front())))
          labels.prefer(type.dim(static_cast<int64_t>(axis)),
                        texts[axis].asString());
    }
}

void Writer::fail(const Op &op, const std::string &why) {
  if (!failure)
    failure = NoSpelling{"op " + std::string(op.name()) +
                             " has no spelling in .nn: " + why,
                         op.location};
}

void Writer::line(const std::string &text) { lines.push_back(indent + text); }

static std::string typeText(const Type &type) {
  std::string text(elemName(type.elem()));
  return type.rank() ? text + sizesText(type.shape()) : text;
}

std::string Writer::signature(const std::string &name) {
  std::set<std::string> bound;
  arguments = argumentsOf(function, bound);
  // A size that a result alone has is given by whoever runs the net.
  std::vector<Type> results = function.resultTypes();
  std::set<std::string> ofResults;
  for (const Type &type : results)
    for (const Dim &size : type.shape())
      if (std::optional<std::string> symbol = size.asSymbol())
        ofResults.insert(*symbol);
  const Attr *defaults = function.attrs.find("defaults");
  std::string sizes;
  for (const std::string &symbol : function.dimSymbols()) {
    if (bound.contains(symbol))
      continue;
    if (!ofResults.contains(symbol) && !failure)
      failure = NoSpelling{"@" + function.name +
                               " has no spelling in .nn: no axis of an input "
                               "or a result is its size " +
                               symbol,
                           function.location};
    sizes += (sizes.empty() ? "[" : ", ") + symbol;
    if (const Attr *size = defaults ? defaults->asDict().find(symbol) : nullptr)
      sizes += " = " + size->asDim().str();
  }
  std::string text = "net " + name + (sizes.empty() ? "" : sizes + "]") + "(";
  std::map<int64_t, std::string> variables = variableNames(function, arguments);
  for (int64_t i : arguments) {
    const Value *argument = function.body.argument(i);
    const AttrDict &attrs = function.argAttrs[i];
    std::string wish = argument->hint;
    for (const char *key : {"input", "role"})
      if (const Attr *given = attrs.find(key))
        wish = given->asString();
    if (variables.contains(i))
      wish = variables[i];
    std::string chosen = names.unique(wish);
    const Type &type = argument->type();
    values[argument] = {chosen, Binding::Primary, type.shape(),
                        namesOfSizes(type.shape())};
    text +=
        (i == arguments.front() ? "" : ", ") + chosen + ": " + typeText(type);
  }
  text += ") -> ";
  for (size_t i = 0; i < results.size(); ++i)
    text += (i ? ", " : results.size() > 1 ? "(" : "") + typeText(results[i]);
  return text + (results.size() > 1 ? ") {" : " {");
}

/// What a function's result is called: "loss", "d_dense1_w", "y".
static std::string resultName(const AttrDict &attrs, const Function &function,
                              const std::vector<int64_t> &arguments) {
  for (const char *key : {"role", "output"})
    if (const Attr *given = attrs.find(key))
      return given->asString();
  for (const char *key : {"gradient", "variable"}) {
    const Attr *path = attrs.find(key);
    if (!path)
      continue;
    std::string name = path->asString();
    for (const auto &[place, variable] : variableNames(function, arguments))
      if (function.argAttrs[place].find("variable")->asString() == name)
        name = variable;
    return (std::string_view(key) == "gradient" ? "d_" : "new_") + name;
  }
  return "result";
}

std::string Writer::net(const std::string &name) {
  lines.push_back(signature(name));
  const Op *end = function.body.terminator();
  std::vector<std::string> wanted;
  for (int64_t i = 0; i < end->operandCount(); ++i) {
    const Value *value = end->operand(i);
    wanted.push_back(
        static_cast<size_t>(i) < function.resultAttrs.size()
            ? resultName(function.resultAttrs[i], function, arguments)
            : "result");
    // What the program has a name for keeps it where others read it.
    if (value->definingOp() && (value->hint.empty() || readers(value) == 1))
      wishes.try_emplace(value, wanted.back());
  }
  block(function.body);
  std::string results;
  std::set<const Value *> given;
  for (int64_t i = 0; i < end->operandCount() && !failure; ++i) {
    const Value *value = end->operand(i);
    Written written = plain(value);
    // The signature names axes by their sizes.
    if (!isNormal(written))
      written = normalised(written);
    // A name for each result, which names the output.
    bool isOwn = written.binding == Binding::Primary && value->definingOp() &&
                 given.insert(value).second;
    if (!isOwn) {
      std::string chosen = names.unique(wanted[i]);
      line(chosen + " = " + written.text);
      written.text = chosen;
    }
    results += (i ? ", " : "") + written.text;
  }
  line("return " + (end->operandCount() > 1 ? "(" + results + ")" : results));
  std::string text;
  for (const std::string &each : lines)
    text += each + "\n";
  return text + "}\n";
}

void Writer::block(const Block &body) {
  findKept(body);
  for (const auto &op : body.operations()) {
    if (op.get() == body.terminator() || failure)
      continue;
    auto spelling = spellings().find(op->name());
    if (spelling == spellings().end() || !spelling->second)
      fail(*op, "it belongs to a later stage");
    else
      (this->*spelling->second)(*op);
  }
}

int64_t Writer::readers(const Value *value) const {
  int64_t count = 0;
  std::set<const Op *> seen;
  for (const Value::Use &use : value->uses()) {
    // Twice in one op: x^2 and 2*x.
    bool isTwin = use.op->is("mul") || use.op->is("add");
    if (isTwin && !seen.insert(use.op).second)
      continue;
    bool isShared =
        use.op->is("scan") && use.operand >= ScanParts(*use.op).carries +
                                                 ScanParts(*use.op).sequences;
    count += use.op->is("broadcast") ? readers(use.op->result())
             : isShared              ? 2
                                     : 1;
  }
  return count;
}

/// Whether nothing but the end of a loop's body reads the value, as the next
/// one of its only carry.
static bool isOnlyCarried(const Value *value) {
  const Op *end = value->uses().empty() ? nullptr : value->uses()[0].op;
  if (!end || !end->is("yield") || !end->parentOp()->is("scan"))
    return false;
  ScanParts parts(*end->parentOp());
  bool isCarried = false;
  for (const Value::Use &use : value->uses()) {
    if (use.op != end)
      return false;
    isCarried |= use.operand == 0;
  }
  return isCarried && parts.carries == 1 && !parts.masked;
}

void Writer::define(const Value *value, Written written, bool mayInline) {
  auto wish = wishes.find(value);
  // What is derived by it must read its name.
  for (const Value::Use &use : value->uses())
    mayInline &= !use.op->is("gradient");
  bool isOne = value->hint.empty() && wish == wishes.end() &&
               readers(value) == 1 && written.text.size() <= longestPart;
  // The next value of a loop's one carry is assigned to that.
  isOne |= wish == wishes.end() && isOnlyCarried(value) && !written.isNumber;
  // A short formula of scalars is said again for each that reads it.
  bool isFormula = value->hint.empty() && value->type().rank() == 0 &&
                   written.binding != Binding::Postfix &&
                   written.text.size() <= longestFormula;
  if (mayInline && (isOne || isFormula)) {
    values[value] = std::move(written);
    return;
  }
  std::string name;
  if (wish != wishes.end()) {
    name = names.unique(wish->second);
    wishes.erase(wish);
  } else {
    name = names.forValue(*value);
  }
  line(name + " = " + written.text);
  written.text = name;
  written.binding = Binding::Primary;
  values[value] = std::move(written);
}

} // namespace nnc
