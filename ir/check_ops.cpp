#include "ir/check_ops.h"

#include "ir/check.h"
#include "ir/interpreter.h"
#include "ir/kernels/lowering.h"
#include "ir/op_def.h"
#include "ir/parser.h"
#include "ir/printer.h"
#include "ir/verifier.h"

#include <algorithm>
#include <cmath>

namespace nnc {

namespace {

/// A small generator of its own, so that a failure is the same everywhere
/// (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
class SplitMix {
public:
  explicit SplitMix(uint64_t seed) : state(seed) {}
  uint64_t next() {
    uint64_t z = (state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

private:
  uint64_t state;
};

class ExampleCheck {
public:
  ExampleCheck(const OpDef &def, std::string_view text, OpChecks &checks)
      : def(def), text(text), checks(checks), random(def.name.size()) {}

  void run() {
    std::unique_ptr<Module> module = parse();
    if (!module)
      return;
    for (const auto &function : module->functions) {
      where = std::string(def.name) + ", @" + function->name;
      WorkInHand work("check of " + where);
      ++checks.examples;
      if (!contains(function->body))
        fail("the example does not use the op");
      inputs(*function);
      RunResult expected = interpret(*function, arguments, dims);
      if (!expected.ok()) {
        fail("the reference stopped: " + expected.error);
        continue;
      }
      checkLowering(function->name, expected.values);
    }
  }

private:
  void fail(const std::string &what) {
    checks.failures.push_back(where + ": " + what);
  }

  std::unique_ptr<Module> parse() {
    where = def.name;
    ParseError error;
    std::unique_ptr<Module> module = parseModule(text, error);
    if (!module) {
      fail("line " + std::to_string(error.line) + ": " + error.message);
      return nullptr;
    }
    if (auto wrong = verify(*module, def.stages)) {
      fail(wrong->message);
      return nullptr;
    }
    std::string printed = print(*module);
    std::unique_ptr<Module> again = parseModule(printed, error);
    if (!again || print(*again) != printed) {
      fail("the text does not read back: " + printed);
      return nullptr;
    }
    return module;
  }

  bool contains(const Block &block) const {
    for (const auto &op : block.operations()) {
      if (&op->def() == &def)
        return true;
      for (int64_t i = 0; i < op->regionCount(); ++i)
        if (contains(op->region(i)))
          return true;
    }
    return false;
  }

  /// Floats lie between 0.3 and 1.7, away from each other and from whole and
  /// half numbers, so that no op has a kink nearby; integers are 0 or 1.
  Tensor input(const Type &type) {
    Tensor tensor(type.elem(), evaluateShape(type.shape(), dims));
    for (double &value : tensor.data)
      value = static_cast<double>(random.next() % 2);
    if (!isFloat(type.elem()))
      return tensor;
    std::vector<double> values;
    double count = static_cast<double>(tensor.size());
    for (double i = 0; i < count; ++i) {
      double value = 0.3 + 1.4 * (i + 0.25 + 0.5 * random.uniform()) / count;
      double half = std::round(value * 2) / 2;
      values.push_back(std::abs(value - half) < 0.01 ? half + 0.01 : value);
    }
    for (int64_t i = tensor.size(); i > 0; --i) {
      std::swap(values[i - 1], values[random.next() % i]);
      tensor.data[i - 1] = values[i - 1];
    }
    return tensor;
  }

  void inputs(const Function &function) {
    dims.clear();
    arguments.clear();
    int64_t size = 3;
    for (const std::string &symbol : function.dimSymbols()) {
      dims[symbol] = size;
      size += 2;
    }
    for (int64_t i = 0; i < function.body.argumentCount(); ++i)
      arguments.push_back(input(function.body.argument(i)->type()));
  }

  void compare(const std::string &what, const std::vector<Tensor> &found,
               const std::vector<Tensor> &expected, double tolerance) {
    for (size_t i = 0; i < expected.size(); ++i)
      for (int64_t j = 0; j < expected[i].size(); ++j) {
        double a = found[i].data[j], b = expected[i].data[j];
        bool same = std::isnan(a) ? std::isnan(b)
                                  : a == b || std::abs(a - b) <=
                                                  tolerance * (1 + std::abs(b));
        if (!same)
          return fail(what + ": element " + std::to_string(j) + " of result " +
                      std::to_string(i) + " is " + floatText(a) +
                      " and should be " + floatText(b));
      }
  }

  static void lower(Block &block) {
    std::vector<Op *> ops;
    for (const auto &op : block.operations())
      ops.push_back(op.get());
    for (Op *op : ops) {
      for (int64_t i = 0; i < op->regionCount(); ++i)
        lower(op->region(i));
      if (!op->def().lower)
        continue;
      Builder builder(op);
      LoweringContext context(*op, builder);
      op->def().lower.rule(context);
      bool used = false;
      for (int64_t i = 0; i < op->resultCount(); ++i)
        used |= !op->result(i)->isUnused();
      if (!used)
        op->erase();
    }
  }

  void checkLowering(const std::string &name,
                     const std::vector<Tensor> &expected) {
    if (!(def.stages & Graph))
      return;
    ParseError error;
    std::unique_ptr<Module> module = parseModule(text, error);
    Function &function = *module->find(name);
    lower(function.body);
    if (auto wrong = verify(function, Kernels))
      return fail("lowered: " + wrong->message + "\n" + print(function));
    RunResult found = interpret(function, arguments, dims);
    if (!found.ok())
      return fail("lowered, it stopped: " + found.error + "\n" +
                  print(function));
    compare("lowered", found.values, expected, 1e-12);
  }

  const OpDef &def;
  std::string_view text;
  OpChecks &checks;
  SplitMix random;
  std::string where;
  DimBinding dims;
  std::vector<Tensor> arguments;
};

} // namespace

OpChecks checkOps(std::string_view only) {
  OpChecks checks;
  for (const OpDef *def : allOps()) {
    if (!only.empty() && def->name != only)
      continue;
    for (std::string_view text : def->examples)
      ExampleCheck(*def, text, checks).run();
    if (def->examples.empty() && def->kind != OpKind::Structural)
      checks.failures.push_back(std::string(def->name) + " has no example");
  }
  return checks;
}

} // namespace nnc
