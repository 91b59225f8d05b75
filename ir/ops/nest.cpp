#include "ir/error_bound.h"
#include "ir/op_rules.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace nnc {

static int64_t loadCount(const Op &op) {
  return op.operandCount() - (op.findAttr("into") ? 1 : 0);
}

/// Finds an index that has no value: neither a size, which starts with an
/// upper-case letter, nor an axis, nor loaded before it is used.
class UnboundIndex {
public:
  explicit UnboundIndex(const Op &op) : op(op) {
    for (const char *kind : {"parallel", "reduce"})
      if (const Attr *axes = op.findAttr(kind))
        for (const auto &[name, extent] : axes->asDict())
          look(extent.asDim());
    for (const char *kind : {"parallel", "reduce"})
      if (const Attr *axes = op.findAttr(kind))
        for (const auto &[name, extent] : axes->asDict())
          bound.insert(name);
    const AttrList &maps = op.attr("maps").asList();
    for (size_t i = 0; i < maps.size(); ++i) {
      look(maps[i].asDims());
      if (const Attr *loaded = op.findAttr("loaded"))
        for (const auto &[symbol, operand] : loaded->asDict())
          if (operand.asDim().isConstant(static_cast<int64_t>(i)))
            bound.insert(symbol);
    }
    for (const Attr &map : op.attr("results").asList())
      look(map.asDims());
  }

  void lookInBody() {
    for (const auto &inner : op.region().operations())
      if (inner->is("axis"))
        look(inner->attr("value").asDim());
  }

  /// Empty if all have one.
  std::string message() const {
    return name.empty() ? "" : "nothing gives the index " + name + " a value";
  }

private:
  void look(const Shape &map) {
    for (const Dim &entry : map)
      look(entry);
  }
  void look(const Dim &dim) {
    dim.forEachSymbol([&](const std::string &symbol) {
      if (!std::isupper(static_cast<unsigned char>(symbol[0])) &&
          !bound.contains(symbol))
        name = symbol;
    });
  }

  const Op &op;
  std::set<std::string> bound;
  std::string name;
};

static Inference shape(const Op &op, std::span<const Type> stated) {
  const AttrList &maps = op.attr("maps").asList();
  if (static_cast<int64_t>(maps.size()) != loadCount(op))
    return Inference::fail("there must be a map for each operand");
  for (int64_t i = 0; i < loadCount(op); ++i)
    if (static_cast<int64_t>(maps[i].asList().size()) !=
        op.operand(i)->type().rank())
      return Inference::fail("map " + std::to_string(i) +
                             " does not fit the rank of its operand");
  const AttrList &results = op.attr("results").asList();
  if (results.size() != stated.size())
    return Inference::fail("there must be a map for each result");
  for (size_t i = 0; i < results.size(); ++i)
    if (static_cast<int64_t>(results[i].asList().size()) != stated[i].rank())
      return Inference::fail("result map " + std::to_string(i) +
                             " does not fit the rank of its result");
  if (const Attr *fill = op.findAttr("fill"))
    if (static_cast<int64_t>(fill->asList().size()) != loadCount(op))
      return Inference::fail("fill must have an entry for each operand");
  if (const Attr *loaded = op.findAttr("loaded"))
    for (const auto &[symbol, operand] : loaded->asDict())
      if (!operand.asDim().isConstant())
        return Inference::fail("loaded must name operands by number");
  const Attr *combine = op.findAttr("combine");
  if (op.findAttr("reduce") && !combine)
    return Inference::fail("a nest with reduced axes needs combine");
  if (combine && !Combination::isKnown(combine->asString()))
    return Inference::fail("combine must be add, mul, max or min");
  if (std::string why = UnboundIndex(op).message(); !why.empty())
    return Inference::fail(why);
  return std::vector<Type>(stated.begin(), stated.end());
}

static std::string verifyRegions(const Op &op) {
  const Block &body = op.region();
  if (body.argumentCount() != loadCount(op))
    return "the body must have an argument for each loaded operand";
  for (int64_t i = 0; i < body.argumentCount(); ++i)
    if (!(body.argument(i)->type() ==
          Type::scalar(op.operand(i)->type().elem())))
      return "argument " + std::to_string(i) + " of the body has type " +
             body.argument(i)->type().str();
  const Op &yield = *body.terminator();
  if (yield.operandCount() != op.resultCount())
    return "the body must yield a scalar for each result";
  for (int64_t i = 0; i < op.resultCount(); ++i)
    if (!(yield.operand(i)->type() ==
          Type::scalar(op.result(i)->type().elem())))
      return "the body yields " + yield.operand(i)->type().str() +
             " for result " + std::to_string(i);
  UnboundIndex unbound(op);
  unbound.lookInBody();
  return unbound.message();
}

namespace {

/// Runs a nest point by point.
class NestEvaluation {
public:
  explicit NestEvaluation(EvaluationContext &c) : c(c) {
    for (const char *kind : {"parallel", "reduce"})
      if (const Attr *axes = c.op.findAttr(kind))
        for (const auto &[name, extent] : axes->asDict()) {
          names.push_back(name);
          extents.push_back(c.dim(extent.asDim()));
        }
    if (const Attr *attr = c.op.findAttr("combine"))
      combine = attr->asString();
  }

  void run() {
    for (Tensor &result : c.results) {
      // What `into` holds counts only where no point comes.
      if (c.op.findAttr("into"))
        result = *c.operands.back();
      else if (!combine.empty())
        for (int64_t i = 0; i < result.size(); ++i)
          result.set(i, Combination(combine, result.elem).result());
      sums.emplace_back(result.size());
    }
    if (Tensor::count(extents) == 0)
      return;
    Extents index(extents.size(), 0);
    do {
      for (size_t axis = 0; axis < names.size(); ++axis)
        c.bind(names[axis], index[axis]);
      if (!point())
        return;
    } while (advance(index, extents));
    for (size_t i = 0; i < c.results.size(); ++i)
      for (size_t place = 0; place < sums[i].size(); ++place)
        if (sums[i][place])
          c.results[i].set(static_cast<int64_t>(place),
                           sums[i][place]->result());
  }

private:
  bool point() {
    const AttrList &maps = c.op.attr("maps").asList();
    std::vector<Tensor> scalars;
    bool isSure = true; // Which elements meet does not hang on a rounding.
    for (int64_t i = 0; i < loadCount(c.op); ++i) {
      std::optional<Element> element = load(i, maps[i]);
      if (!element)
        return false;
      scalars.emplace_back(c.operands[i]->elem, Extents{});
      scalars.back().set(0, *element);
      if (bindLoaded(i, element->value))
        isSure &= element->bound == 0;
    }
    if (c.stopped())
      return false;
    std::vector<Tensor> values = c.run(c.op.region(), std::move(scalars));
    if (c.stopped())
      return false;
    const AttrList &results = c.op.attr("results").asList();
    for (size_t i = 0; i < c.results.size(); ++i) {
      int64_t place = c.results[i].offset(index(results[i]));
      Element element = values[i].element(0);
      if (!isSure)
        element.bound = unbounded;
      if (combine.empty()) {
        c.results[i].set(place, element);
        continue;
      }
      std::optional<Combination> &sum = sums[i][place];
      if (!sum)
        sum.emplace(combine, c.results[i].elem);
      sum->take(element);
    }
    return true;
  }

  Extents index(const Attr &map) {
    Extents result;
    for (const Attr &entry : map.asList())
      result.push_back(c.dim(entry.asDim()));
    return result;
  }

  std::optional<Element> load(int64_t operand, const Attr &map) {
    const Tensor &tensor = *c.operands[operand];
    Extents place = index(map);
    for (size_t axis = 0; axis < place.size(); ++axis) {
      if (place[axis] >= 0 && place[axis] < tensor.shape[axis])
        continue;
      const Attr *fill = c.op.findAttr("fill");
      if (fill && fill->asList()[operand].getIf<double>())
        return Element{fill->asList()[operand].asFloat()};
      c.stop("index " + std::to_string(place[axis]) +
             " is out of range for an axis of size " +
             std::to_string(tensor.shape[axis]));
      return std::nullopt;
    }
    return tensor.element(tensor.offset(place));
  }

  /// Whether something is named after the element.
  bool bindLoaded(int64_t operand, double value) {
    bool names = false;
    if (const Attr *loaded = c.op.findAttr("loaded"))
      for (const auto &[symbol, source] : loaded->asDict())
        if (source.asInt() == operand) {
          c.bind(symbol, static_cast<int64_t>(value));
          checkLimit(symbol, static_cast<int64_t>(value));
          names = true;
        }
    return names;
  }

  void checkLimit(const std::string &symbol, int64_t value) {
    const Attr *limits = c.op.findAttr("limits");
    const Attr *limit = limits ? limits->asDict().find(symbol) : nullptr;
    int64_t size = limit ? c.dim(limit->asDim()) : 0;
    if (limit && (value < 0 || value >= size))
      c.stop("index " + std::to_string(value) +
             " is out of range for an axis of size " + std::to_string(size));
  }

  EvaluationContext &c;
  std::vector<std::string> names;
  Extents extents;
  std::string combine;
  /// For each result, what comes to each element.
  std::vector<std::vector<std::optional<Combination>>> sums;
};

} // namespace

static void evaluate(EvaluationContext &c) { NestEvaluation(c).run(); }

static constexpr AttrSpec attrs[] = {
    {"parallel", AttrForm::DimDict, true,
     "The parallel axes and their extents."},
    {"reduce", AttrForm::DimDict, false,
     "The reduced axes and their extents, slowest first."},
    {"combine", AttrForm::String, false,
     "How reduced values combine: add, mul, max or min."},
    {"maps", AttrForm::Maps, true,
     "For each operand, an index for each of its axes."},
    {"results", AttrForm::Maps, true, "The same for each result."},
    {"fill", AttrForm::List, false,
     "For each operand, the value loaded outside of it, or false if its map "
     "stays inside."},
    {"loaded", AttrForm::DimDict, false,
     "Index symbols that stand for the value loaded from an earlier operand."},
    {"limits", AttrForm::DimDict, false,
     "Of such symbols that no map has: the size below which each has to be."},
    {"finite", AttrForm::Bool, false,
     "What is loaded may be taken as finite: a product by zero may be left "
     "out."},
    {"into", AttrForm::Bool, false,
     "The last operand is not loaded: it gives the elements that the result "
     "map does not reach."},
};

static constexpr std::string_view examples[] = {
    R"(
func @example(%x: f32[B, 3], %w: f32[3, 2]) {
  %y = nest %x, %w {parallel = {b = B, o = 2}, reduce = {i = 3}, combine = "add", maps = [[b, i], [i, o]], results = [[b, o]]} : f32[B, 2] {
  ^(%p: f32, %q: f32):
    %r = mul %p, %q : f32
    yield %r
  }
  return %y
}
)"};

extern const OpDef op_nest;
const OpDef op_nest = {
    .name = "nest",
    .doc = "A perfect loop nest with a scalar body. See ir/kernels/lowering.h.",
    .kind = OpKind::Special,
    .stages = Kernels,
    .operands = {0, -1},
    .attrs = attrs,
    .regions = 1,
    .shape = shape,
    .verifyRegions = verifyRegions,
    .gradient = "it comes after differentiation",
    .evaluate = evaluate,
    .lower = "it is what ops are lowered to",
    .examples = examples,
};

} // namespace nnc
