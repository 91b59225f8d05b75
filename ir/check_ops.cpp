#include "ir/check_ops.h"

#include "ir/autodiff/differentiate.h"
#include "ir/builder.h"
#include "ir/check.h"
#include "ir/error_bound.h"
#include "ir/interpreter.h"
#include "ir/op_def.h"
#include "ir/parser.h"
#include "ir/pass.h"
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
      if (!expand(*function))
        continue;
      // Loops over vectors of 16 lanes have whole ones only from there on.
      for (int64_t size : {17, 3}) {
        inputs(*function, size);
        checkLowering(*function);
      }
      // The derivative of stop_gradient is not its slope, on purpose.
      if ((def.stages & Graph) && def.gradient && def.name != "stop_gradient")
        checkDerivatives(*function);
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

  /// Different sizes, from `size` on.
  void inputs(const Function &function, int64_t size) {
    dims.clear();
    arguments.clear();
    for (const std::string &symbol : function.dimSymbols()) {
      dims[symbol] = size;
      size += 2;
    }
    for (int64_t i = 0; i < function.body.argumentCount(); ++i)
      arguments.push_back(input(function.body.argument(i)->type()));
  }

  /// The example as nests, and as loops, computes what it does itself.
  void checkLowering(const Function &function) {
    RunResult expected =
        Interpreter(function, Interpreter::With).run(arguments, dims);
    if (!expected.ok())
      return fail("the reference stopped: " + expected.error);
    std::vector<const Pass *> nests = {findPass("lower-to-nests")};
    checkLowered(function.name, "as nests", nests, expected);
    for (int level : {0, 2}) {
      std::vector<const Pass *> passes = pipeline("kernels", level);
      for (const Pass *pass : pipeline("loops", level))
        passes.push_back(pass);
      checkLowered(function.name, "as loops, -O" + std::to_string(level),
                   passes, expected);
    }
  }

  void checkLowered(const std::string &name, const std::string &how,
                    std::vector<const Pass *> passes,
                    const RunResult &expected) {
    ParseError error;
    std::unique_ptr<Module> module = parseModule(text, error);
    Function &function = *module->find(name);
    if (def.stages & Graph)
      passes.insert(passes.begin(), findPass("differentiate"));
    if (auto wrong = runPasses(function, passes, {}))
      return fail(how + ": " + wrong->message);
    RunResult found = interpret(function, arguments, dims);
    if (!found.ok())
      return fail(how + ", it stopped: " + found.error + "\n" +
                  print(function));
    int64_t unbounded = 0;
    for (size_t i = 0; i < expected.values.size(); ++i)
      if (std::string what = difference(expected.values[i], found.values[i],
                                        Elem::F64, unbounded);
          !what.empty())
        fail(how + ", result " + std::to_string(i) + ": " + what);
    if (unbounded)
      fail(how + ", " + std::to_string(unbounded) +
           " elements cannot be compared");
  }

  bool expand(Function &function) {
    std::optional<NoDerivative> wrong = differentiate(function);
    if (wrong)
      fail(wrong->message);
    return !wrong;
  }

  /// Makes the function return the derivatives of a weighted sum of its float
  /// results by its float arguments, and gives the sum's function. Both take
  /// the weights as arguments behind the others.
  struct Differentiated {
    std::unique_ptr<Module> sum, derivatives;
  };
  std::optional<Differentiated> differentiated(const Function &function) {
    Differentiated result;
    result.sum = withLoss(function, false);
    result.derivatives = withLoss(function, true);
    if (!result.derivatives)
      return std::nullopt;
    Function &made = *result.derivatives->functions[0];
    if (!expand(made))
      return std::nullopt;
    if (auto wrong = verify(made, Graph)) {
      fail("the derivative is wrong: " + wrong->message + "\n" + print(made));
      return std::nullopt;
    }
    return result;
  }

  /// A copy of the function that returns the sum, or its derivatives; null if
  /// nothing is a float.
  std::unique_ptr<Module> withLoss(const Function &function, bool derivatives) {
    auto module = std::make_unique<Module>();
    module->functions.push_back(std::make_unique<Function>());
    Function &made = *module->functions[0];
    made.name = function.name;
    ValueMap map;
    const Block &body = function.body;
    for (int64_t i = 0; i < body.argumentCount(); ++i)
      map.set(body.argument(i), made.addArgument(body.argument(i)->type(), ""));
    Builder b(made.body);
    for (const auto &op : body.operations())
      if (op.get() != body.terminator())
        b.clone(*op, map);
    Value *loss = nullptr;
    for (Value *value : body.terminator()->operands()) {
      const Type &type = value->type();
      if (!isFloat(type.elem()))
        continue;
      Value *weighted =
          b.op("mul", {map.find(value), made.addArgument(type, "weight")});
      std::vector<int64_t> axes;
      for (int64_t axis = 0; axis < type.rank(); ++axis)
        axes.push_back(axis);
      Value *sum =
          b.op("cast", {b.op("sum", {weighted}, {{"axes", Attr::ints(axes)}})},
               {}, {Type::scalar(Elem::F64)});
      loss = loss ? b.op("add", {loss, sum}) : sum;
    }
    std::vector<Value *> operands = {loss}, results = {loss};
    for (int64_t i = 0; i < body.argumentCount(); ++i)
      if (isFloat(body.argument(i)->type().elem()))
        operands.push_back(made.body.argument(i));
    if (!loss || operands.size() == 1)
      return nullptr;
    if (derivatives) {
      Op *gradient = b.create("gradient", operands);
      results.clear();
      for (int64_t i = 0; i < gradient->resultCount(); ++i)
        results.push_back(gradient->result(i));
    }
    b.create("return", results);
    made.resultAttrs.resize(results.size());
    return module;
  }

  void checkDerivatives(const Function &function) {
    const Function *current = &function;
    std::optional<Differentiated> made[2];
    for (int64_t order = 0; order < 2; ++order) {
      made[order] = differentiated(*current);
      if (!made[order])
        return;
      const Function &sum = *made[order]->sum->functions[0];
      current = made[order]->derivatives->functions[0].get();
      for (int64_t i = static_cast<int64_t>(arguments.size());
           i < sum.body.argumentCount(); ++i)
        arguments.push_back(input(sum.body.argument(i)->type()));
      if (!compareSlopes(sum, *current,
                         order == 0 ? "derivative" : "second derivative"))
        return;
    }
  }

  /// Central differences. Only the example's own arguments vary in the second
  /// round too, for its loss is linear in the weights of the first.
  bool compareSlopes(const Function &sum, const Function &derivatives,
                     const std::string &what) {
    RunResult found = interpret(derivatives, arguments, dims);
    if (!found.ok()) {
      fail(what + " stopped: " + found.error);
      return false;
    }
    ++checks.derivatives;
    size_t failures = checks.failures.size();
    std::vector<Tensor> slopes;
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (slopes.size() == found.values.size())
        break;
      if (!isFloat(sum.body.argument(i)->type().elem()))
        continue;
      slopes.emplace_back(Elem::F64, arguments[i].shape);
      for (int64_t j = 0; j < arguments[i].size(); ++j)
        slopes.back().data[j] = slope(sum, arguments[i].data[j]);
    }
    compareSlopes(what, found.values, slopes);
    if (checks.failures.size() > failures)
      checks.failures.back() += "\n" + print(derivatives);
    return checks.failures.size() == failures;
  }

  void compareSlopes(const std::string &what, const std::vector<Tensor> &found,
                     const std::vector<Tensor> &slopes) {
    for (size_t i = 0; i < slopes.size(); ++i)
      for (int64_t j = 0; j < slopes[i].size(); ++j) {
        double a = found[i].data[j], b = slopes[i].data[j];
        // Differences themselves are not better.
        if (!(std::abs(a - b) <= 1e-6 * (1 + std::abs(b))))
          return fail(what + ": element " + std::to_string(j) + " of result " +
                      std::to_string(i) + " is " + floatText(a) +
                      " and should be " + floatText(b));
      }
  }

  double slope(const Function &sum, double &element) {
    constexpr double step = 1e-4;
    double middle = element, values[4];
    constexpr double places[4] = {-2, -1, 1, 2};
    for (int i = 0; i < 4; ++i) {
      element = middle + places[i] * step;
      values[i] = interpret(sum, arguments, dims).values[0].data[0];
    }
    element = middle;
    // The error is of fourth order in the step.
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) /
           (12 * step);
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

OpChecks checkOps() {
  OpChecks checks;
  for (const OpDef *def : allOps()) {
    for (std::string_view text : def->examples)
      ExampleCheck(*def, text, checks).run();
    // An op that works on memory is tested with its stage's programs.
    if (def->examples.empty() && def->kind != OpKind::Structural &&
        (def->stages & (Graph | Kernels)))
      checks.failures.push_back(std::string(def->name) + " has no example");
  }
  return checks;
}

} // namespace nnc
