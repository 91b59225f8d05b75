#include "ir/printer.h"

#include <unordered_map>
#include <unordered_set>

namespace nnc {

namespace {

class Printer {
public:
  explicit Printer(PrintOptions options = {}) : options(options) {}

  void function(const Function &function) {
    text += "func @" + function.name + "(";
    for (int64_t i = 0; i < function.body.argumentCount(); ++i) {
      Value *argument = function.body.argument(i);
      text += (i ? ", " : "") + name(argument) + ": " + argument->type().str();
      dict(function.argAttrs[i]);
    }
    text += ")";
    bool hasResultAttrs = false;
    for (const AttrDict &attrs : function.resultAttrs)
      hasResultAttrs |= !attrs.empty();
    if (hasResultAttrs) {
      text += " -> (";
      for (size_t i = 0; i < function.resultAttrs.size(); ++i)
        text += (i ? ", " : "") + Attr(function.resultAttrs[i]).str();
      text += ")";
    }
    dict(function.attrs);
    text += " {\n";
    ops(function.body, 1);
    text += "}\n";
  }

  void op(const Op &op, int depth) {
    text.append(2 * depth, ' ');
    for (int64_t i = 0; i < op.resultCount(); ++i)
      text += (i ? ", " : "") + name(op.result(i));
    if (op.resultCount())
      text += " = ";
    text += op.name();
    for (int64_t i = 0; i < op.operandCount(); ++i)
      text += (i ? ", " : " ") + name(op.operand(i));
    dict(op.attrs);
    for (int64_t i = 0; i < op.resultCount(); ++i)
      text += (i ? ", " : " : ") + op.result(i)->type().str();
    for (int64_t i = 0; i < op.regionCount(); ++i)
      region(op.region(i), depth);
    text += "\n";
  }

  std::string text;

private:
  void dict(const AttrDict &attrs) {
    const char *before = " {";
    for (const auto &[name, value] : attrs) {
      text += before + name + " = " + attr(value);
      before = ", ";
    }
    if (!attrs.empty())
      text += "}";
  }

  std::string attr(const Attr &value) const {
    const DenseData *dense = value.getIf<DenseData>();
    if (!dense || (*dense)->size() <= options.mostElements)
      return value.str();
    size_t shown = options.mostElements / 2;
    std::string first = "dense[";
    for (size_t i = 0; i < shown; ++i)
      first += floatText((**dense)[i]) + ", ";
    return first + "... " + std::to_string((*dense)->size() - shown) + " more]";
  }

  void region(const Block &block, int depth) {
    text += " {\n";
    if (block.argumentCount()) {
      text.append(2 * depth, ' ');
      text += "^(";
      for (int64_t i = 0; i < block.argumentCount(); ++i)
        text += (i ? ", " : "") + name(block.argument(i)) + ": " +
                block.argument(i)->type().str();
      text += "):\n";
    }
    ops(block, depth + 1);
    text.append(2 * depth, ' ');
    text += "}";
  }

  void ops(const Block &block, int depth) {
    for (const auto &each : block.operations())
      op(*each, depth);
  }

  /// The hint, made a word and made unique; a number if there is no hint.
  const std::string &name(const Value *value) {
    auto [place, isNew] = names.try_emplace(value);
    if (!isNew)
      return place->second;
    std::string base;
    for (char c : value->hint)
      base +=
          std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'
              ? c
              : '_';
    if (base.empty())
      return place->second = "%" + std::to_string(nextNumber++);
    if (std::isdigit(static_cast<unsigned char>(base[0])))
      base = "_" + base;
    std::string unique = base;
    for (int &i = numbers[base]; !taken.insert(unique).second;)
      unique = base + "_" + std::to_string(++i);
    return place->second = "%" + unique;
  }

  PrintOptions options;
  std::unordered_map<const Value *, std::string> names;
  std::unordered_set<std::string> taken;
  std::unordered_map<std::string, int> numbers; ///< The last one of a hint.
  int64_t nextNumber = 0;
};

} // namespace

std::string print(const Function &function, PrintOptions options) {
  Printer printer(options);
  printer.function(function);
  return std::move(printer.text);
}

std::string print(const Module &module, PrintOptions options) {
  std::string text;
  for (const auto &function : module.functions)
    text += (text.empty() ? "" : "\n") + print(*function, options);
  return text;
}

std::string print(const Op &op) {
  Printer printer;
  printer.op(op, 0);
  return std::move(printer.text);
}

} // namespace nnc
