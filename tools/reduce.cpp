#include "tools/reduce.h"

#include "ir/builder.h"
#include "ir/op_def.h"
#include "ir/parser.h"
#include "ir/pass.h"
#include "ir/printer.h"
#include "ir/verifier.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace nnc {

namespace {

/// Changes a copy of the function; false if there is nothing to change.
using Change = std::function<bool(Function &)>;

void dropUnused(Function &function) {
  const Pass *deadCode = findPass("dead-code");
  (void)runPasses(function, std::span(&deadCode, 1), PassContext());
  for (int64_t i = function.body.argumentCount(); i-- > 0;)
    if (function.body.argument(i)->isUnused()) {
      function.body.eraseArgument(i);
      function.argAttrs.erase(function.argAttrs.begin() + i);
    }
}

/// The ops of a block and of the regions in it, the last ones first.
void collect(Block &block, std::vector<Op *> &ops) {
  for (auto op = block.operations().rbegin(); op != block.operations().rend();
       ++op) {
    ops.push_back(op->get());
    for (int64_t i = 0; i < (*op)->regionCount(); ++i)
      collect((*op)->region(i), ops);
  }
}

Op *opNumber(Function &function, size_t number) {
  std::vector<Op *> ops;
  collect(function.body, ops);
  return number < ops.size() ? ops[number] : nullptr;
}

bool dropResult(Function &function, int64_t i) {
  Op *end = function.body.terminator();
  if (end->operandCount() < 2)
    return false;
  end->eraseOperand(i);
  if (i < static_cast<int64_t>(function.resultAttrs.size()))
    function.resultAttrs.erase(function.resultAttrs.begin() + i);
  return true;
}

/// Makes what an op of the function itself computes arguments.
bool makeArguments(Function &function, size_t number) {
  Op *op = opNumber(function, number);
  if (!op || op->parentBlock() != &function.body || !op->resultCount())
    return false;
  for (int64_t i = 0; i < op->resultCount(); ++i) {
    Value *result = op->result(i);
    // All further ones behind this one.
    if (!result->isUnused())
      result->replaceAllUsesWith(
          function.addArgument(result->type(), result->hint));
  }
  return true;
}

/// Puts operand `i` in the place of an op's first result, or in a loop any
/// argument of its body.
bool bypass(Function &function, size_t number, int64_t i) {
  Op *op = opNumber(function, number);
  if (!op || op->resultCount() != 1)
    return false;
  Block &block = *op->parentBlock();
  int64_t further = i - op->operandCount();
  Value *other = further < 0 ? op->operand(i)
                 : block.parentOp() && further < block.argumentCount()
                     ? block.argument(further)
                     : nullptr;
  if (!other || !(other->type() == op->result()->type()))
    return false;
  op->result()->replaceAllUsesWith(other);
  return true;
}

/// One size, wherever it stands, another one.
std::string withSize(const std::string &text, const std::string &size,
                     const std::string &other) {
  std::string result;
  auto isWord = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '.' || c == '%' || c == '@';
  };
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && isWord(text[end]))
      ++end;
    std::string word = text.substr(i, end - i);
    result += word == size ? other : word;
    if (end < text.size())
      result += text[end++];
    i = end;
  }
  return result;
}

class Reduction {
public:
  Reduction(const Function &function,
            const std::function<bool(const Function &)> &fails)
      : fails(fails), best(cloneFunction(function)) {}

  std::unique_ptr<Function> run() {
    try_([](Function &) { return true; });
    for (bool changed = true; changed;) {
      changed = false;
      for (int64_t i = best->body.terminator()->operandCount(); i-- > 0;)
        changed |= try_([&](Function &f) { return dropResult(f, i); });
      // A change leaves fewer ops: the same number is another one's then.
      for (size_t n = 0; opNumber(*best, n); ++n) {
        while (try_([&](Function &f) { return makeArguments(f, n); }))
          changed = true;
        int64_t most =
            opNumber(*best, n)
                ? opNumber(*best, n)->operandCount() +
                      opNumber(*best, n)->parentBlock()->argumentCount()
                : 0;
        for (int64_t i = 0; i < most; ++i)
          changed |= try_([&](Function &f) { return bypass(f, n, i); });
      }
      changed |= shrink();
    }
    return std::move(best);
  }

private:
  static size_t opCount(Function &function) {
    std::vector<Op *> ops;
    collect(function.body, ops);
    return ops.size();
  }

  /// Keeps a change after which the function still fails and is smaller, by
  /// what the change does or by what is not used any more.
  bool try_(const Change &change) {
    std::unique_ptr<Function> changed = cloneFunction(*best);
    if (!change(*changed) || verify(*changed, Graph))
      return false;
    dropUnused(*changed);
    bool isSmaller = opCount(*changed) < opCount(*best) ||
                     changed->body.terminator()->operandCount() <
                         best->body.terminator()->operandCount() ||
                     changed->body.argumentCount() < best->body.argumentCount();
    if (!isSmaller || !fails(*changed))
      return false;
    best = std::move(changed);
    return true;
  }

  /// Sizes and other whole numbers, as the text has them.
  bool shrink() {
    bool changed = false;
    std::set<int64_t, std::greater<>> numbers;
    std::string text = print(*best);
    for (size_t i = 0; i < text.size(); ++i)
      if (std::isdigit(static_cast<unsigned char>(text[i])) &&
          (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1])))) {
        int64_t value = std::atoll(text.c_str() + i);
        if (value > 1)
          numbers.insert(value);
      }
    for (int64_t number : numbers)
      for (int64_t smaller : {int64_t(1), int64_t(2), int64_t(3), number / 2})
        if (smaller < number &&
            tryText(withSize(print(*best), std::to_string(number),
                             std::to_string(smaller)))) {
          changed = true;
          break;
        }
    for (const std::string &symbol : best->dimSymbols())
      for (const char *size : {"1", "2", "3"})
        if (tryText(withSize(print(*best), symbol, size))) {
          changed = true;
          break;
        }
    return changed;
  }

  bool tryText(const std::string &text) {
    ParseError error;
    std::unique_ptr<Module> module = parseModule(text, error);
    if (!module || verify(*module, Graph) || text == print(*best) ||
        !fails(*module->functions[0]))
      return false;
    best = std::move(module->functions[0]);
    return true;
  }

  const std::function<bool(const Function &)> &fails;
  std::unique_ptr<Function> best;
};

} // namespace

std::unique_ptr<Function>
reduceFunction(const Function &function,
               const std::function<bool(const Function &)> &fails) {
  return Reduction(function, fails).run();
}

} // namespace nnc
