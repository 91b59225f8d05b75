#include "ir/kernels/nest.h"

#include "ir/check.h"
#include "ir/kernels/loop_builder.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace nnc {

static std::vector<NestAxis> readAxes(const Op &op, const char *kind) {
  std::vector<NestAxis> axes;
  if (const Attr *attr = op.findAttr(kind))
    for (const auto &[name, extent] : attr->asDict())
      axes.push_back({name, extent.asDim()});
  return axes;
}

static AttrDict writeAxes(const std::vector<NestAxis> &axes) {
  AttrDict dict;
  for (const NestAxis &axis : axes)
    dict.set(axis.name, axis.extent);
  return dict;
}

Nest::Nest(Op *op) : op(op), into(op->findAttr("into")) {
  check(op->is("nest"), "an op taken for a nest");
  parallel = readAxes(*op, "parallel");
  reduce = readAxes(*op, "reduce");
  if (const Attr *attr = op->findAttr("combine"))
    combine = attr->asString();
  for (const Attr &map : op->attr("maps").asList())
    maps.push_back(map.asDims());
  for (const Attr &map : op->attr("results").asList())
    results.push_back(map.asDims());
  fill.resize(maps.size());
  if (const Attr *attr = op->findAttr("fill"))
    for (size_t i = 0; i < maps.size(); ++i)
      if (const double *value = attr->asList()[i].getIf<double>())
        fill[i] = *value;
  if (const Attr *attr = op->findAttr("loaded"))
    for (const auto &[symbol, operand] : attr->asDict())
      loaded.emplace_back(symbol, operand.asInt());
  if (const Attr *attr = op->findAttr("limits"))
    for (const auto &[symbol, size] : attr->asDict())
      limits.emplace(symbol, size.asDim());
}

void Nest::write() const {
  AttrDict attrs;
  attrs.set("parallel", writeAxes(parallel));
  if (!reduce.empty()) {
    attrs.set("reduce", writeAxes(reduce));
    attrs.set("combine", combine);
  }
  AttrList mapList, resultList, fillList;
  bool anyFill = false;
  for (size_t i = 0; i < maps.size(); ++i) {
    mapList.push_back(maps[i]);
    fillList.push_back(fill[i] ? Attr(*fill[i]) : Attr(false));
    anyFill |= fill[i].has_value();
  }
  for (const Shape &map : results)
    resultList.push_back(map);
  attrs.set("maps", mapList);
  attrs.set("results", resultList);
  if (anyFill)
    attrs.set("fill", fillList);
  if (!loaded.empty()) {
    AttrDict dict;
    for (const auto &[symbol, operand] : loaded)
      dict.set(symbol, operand);
    attrs.set("loaded", dict);
  }
  if (!limits.empty()) {
    AttrDict dict;
    for (const auto &[symbol, size] : limits)
      dict.set(symbol, size);
    attrs.set("limits", dict);
  }
  if (into)
    attrs.set("into", true);
  if (const Attr *finite = op->findAttr("finite"))
    attrs.set("finite", *finite);
  op->attrs = std::move(attrs);
}

static bool usesAxis(const Shape &map, const std::string &axis) {
  return std::any_of(map.begin(), map.end(),
                     [&](const Dim &entry) { return entry.uses(axis); });
}

bool Nest::isContraction() const {
  if (combine != "add" || op->resultCount() != 1 || maps.size() != 2 ||
      !loaded.empty() || body().operations().size() != 2)
    return false;
  // An axis that only one operand has makes the other's elements serve many
  // times; without one the sum is an elementwise product's.
  bool shares = false;
  for (const NestAxis &axis : parallel)
    shares |= usesAxis(maps[0], axis.name) != usesAxis(maps[1], axis.name);
  const Op &product = *body().operations().front();
  return shares && product.is("mul") &&
         isFloat(product.result()->type().elem()) &&
         yield()->operand(0) == product.result() &&
         product.operand(0) == body().argument(0) &&
         product.operand(1) == body().argument(1);
}

bool Nest::isStencil() const {
  constexpr int64_t mostTerms = 64;
  if (!isContraction())
    return false;
  for (const Dim &entry : results[0])
    if (!entry.isConstant() && !entry.asSymbol())
      return false;
  int64_t terms = 1;
  for (const NestAxis &axis : reduce) {
    if (!axis.extent.isConstant() || axis.extent.value() > mostTerms)
      return false;
    terms *= axis.extent.value();
    if (terms > mostTerms)
      return false;
  }
  auto isWindow = [&](const Dim &entry) { return slides(entry); };
  auto slidesAlong = [&](const Shape &map, const Shape &other) {
    return std::any_of(map.begin(), map.end(), isWindow) &&
           std::all_of(
               parallel.begin(), parallel.end(), [&](const NestAxis &axis) {
                 return axis.extent.isConstant(1) || usesAxis(map, axis.name) ||
                        !usesAxis(other, axis.name);
               });
  };
  return slidesAlong(maps[0], maps[1]) || slidesAlong(maps[1], maps[0]);
}

/// Whether the last entry alone uses `axis`, element by element.
static bool runsAlong(const Shape &map, const std::string &axis) {
  for (size_t i = 0; i + 1 < map.size(); ++i)
    if (map[i].uses(axis))
      return false;
  if (map.empty())
    return false;
  std::optional<Dim> step = map.back().coefficientOf(axis);
  return step && step->isConstant(1);
}

bool Nest::slides(const Dim &entry) const {
  auto isUsed = [&](const NestAxis &axis) { return entry.uses(axis.name); };
  return std::ranges::any_of(parallel, isUsed) &&
         std::ranges::any_of(reduce, isUsed);
}

bool Nest::isCorrelationInLanes() const {
  if (!isContraction() || reduce.empty())
    return false;
  const NestAxis &along = reduce.back();
  auto slidesAlong = [&](const Shape &map) {
    return std::ranges::any_of(map,
                               [&](const Dim &each) { return slides(each); });
  };
  return along.extent.isConstant(lanes) &&
         runsAlong(maps[0], along.name) && runsAlong(maps[1], along.name) &&
         maps[0].back().asSymbol() && maps[1].back().asSymbol() &&
         slidesAlong(maps[0]) != slidesAlong(maps[1]) &&
         std::ranges::all_of(parallel, [](const NestAxis &axis) {
           return axis.extent.isConstant() && axis.extent.value() > 0;
         });
}

bool Nest::isCorrelation() const {
  if (!isContraction() || reduce.empty() || !reduce.back().extent.isConstant())
    return false;
  const std::string &along = reduce.back().name;
  if (!runsAlong(maps[0], along) || !runsAlong(maps[1], along))
    return false;
  if (isCorrelationInLanes())
    return true;
  size_t shifted = maps[0].back().asSymbol() ? 1 : 0;
  const Shape &image = maps[shifted], &other = maps[1 - shifted];
  if (image.back().asSymbol() || other.back().asSymbol() != along)
    return false;
  // Each place of the window is a column; its rows are packed one by one.
  double columns = 1, windowRows = 1, rows = 1, channels = 1;
  for (const NestAxis &axis : parallel) {
    if (!axis.extent.isConstant() || axis.extent.value() < 1)
      return false;
    double extent = static_cast<double>(axis.extent.value());
    bool isPlace = std::any_of(image.begin(), image.end(), [&](const Dim &e) {
      return e.uses(axis.name) && e.asSymbol() != axis.name;
    });
    if (usesAxis(other, axis.name))
      rows *= extent;
    else if (!isPlace)
      channels *= extent;
    else
      columns *= extent;
    // A convolution itself moves a large image past a small window.
    if (isPlace && axis.extent.value() > reduce.back().extent.value())
      return false;
    if (isPlace && !image.back().uses(axis.name))
      windowRows *= extent;
  }
  // Each block of sums goes through the whole batch: that should stay in L2.
  constexpr double mostElements = 8192;
  double places = 1;
  for (const NestAxis &axis : reduce)
    if (axis.extent.isConstant())
      places *= static_cast<double>(axis.extent.value());
  if (places * (rows + channels) > mostElements)
    return false;
  // In what a multiply-add of a full vector takes. Packing a vector takes about
  // as long as its use with eight rows.
  auto perLane = [](double count) {
    return std::ceil(count / 16) * 16 / count;
  };
  double asProduct = (1 + 8 * windowRows / rows) * perLane(columns);
  double alongRows =
      1.25 * perLane(static_cast<double>(reduce.back().extent.value()));
  return alongRows < asProduct;
}

const std::vector<double> *elementsOf(const Value *value) {
  if (const Block *body = value->owner(); body && body->parentOp())
    if (const Op *kernel = body->parentOp(); kernel->is("kernel"))
      value = kernel->operand(value->index());
  const Op *op = value->definingOp();
  const Attr *data = op && op->is("constant") ? op->findAttr("value") : nullptr;
  const DenseData *elements = data ? data->getIf<DenseData>() : nullptr;
  return elements ? elements->get() : nullptr;
}

std::optional<int64_t> Nest::transformMatrix() const {
  constexpr size_t mostElements = 64;
  // A product of the program's own is the same in any batch, to the last bit:
  // it stays one.
  if (!isContraction() || !op->findAttr("finite"))
    return std::nullopt;
  for (int64_t i = 0; i < 2; ++i) {
    const Shape &matrix = maps[i], &other = maps[1 - i];
    const std::vector<double> *elements = elementsOf(op->operand(i));
    if (!elements || elements->size() > mostElements || other.empty() ||
        results[0].empty() || fill[i])
      continue;
    // Each element serves one sum, and one term of it.
    int64_t sums = 1, terms = 1;
    for (const NestAxis &axis : parallel)
      if (usesAxis(matrix, axis.name) && axis.extent.isConstant())
        sums *= usesAxis(other, axis.name) ? 0 : axis.extent.value();
    for (const NestAxis &axis : reduce)
      terms *= axis.extent.isConstant() ? axis.extent.value() : 0;
    if (sums < 2 || sums * terms != static_cast<int64_t>(elements->size()))
      continue;
    // Vectors go along an axis of the other one.
    for (const NestAxis &axis : parallel) {
      std::optional<Dim> from = other.back().coefficientOf(axis.name),
                         to = results[0].back().coefficientOf(axis.name);
      auto isStep = [](const std::optional<Dim> &step) {
        return step && step->isConstant() && step->value() >= 1 &&
               step->value() <= 4;
      };
      if (isStep(from) && isStep(to))
        return i;
    }
  }
  return std::nullopt;
}

bool Nest::isCopy() const {
  for (Value *value : yield()->operands())
    if (value->owner() != &body())
      return false;
  return true;
}

const NestAxis *Nest::findParallel(std::string_view name) const {
  for (const NestAxis &axis : parallel)
    if (axis.name == name)
      return &axis;
  return nullptr;
}

bool Nest::reduces(std::string_view name) const {
  return std::any_of(reduce.begin(), reduce.end(),
                     [&](const NestAxis &axis) { return axis.name == name; });
}

static bool isFunction(const Op &op) {
  constexpr std::string_view names[] = {"exp",     "log", "tanh", "erf",
                                        "sigmoid", "sin", "cos",  "pow"};
  return std::ranges::any_of(
      names, [&](std::string_view name) { return op.is(name); });
}

int64_t functionCount(const Block &body) {
  return std::ranges::count_if(body.operations(),
                               [](const auto &op) { return isFunction(*op); });
}

/// How many functions that wait for one another are behind each value of the
/// body, which are behind its arguments already.
static void countFunctions(const Block &body,
                           std::unordered_map<const Value *, int64_t> &behind) {
  for (const auto &op : body.operations()) {
    int64_t count = 0;
    for (const Value *operand : op->operands())
      count = std::max(count, behind[operand]);
    count += isFunction(*op);
    for (int64_t i = 0; i < op->resultCount(); ++i)
      behind[op->result(i)] = count;
  }
}

bool waitTooLong(const Nest &first, const Nest &second) {
  std::unordered_map<const Value *, int64_t> behind;
  countFunctions(first.body(), behind);
  bool any = false;
  for (int64_t i = 0; i < second.loadCount(); ++i) {
    const Value *value = second.op->operand(i);
    if (value->definingOp() != first.op)
      continue;
    int64_t count = behind[first.yield()->operand(value->index())];
    behind[second.body().argument(i)] = count;
    any |= count > 0;
  }
  countFunctions(second.body(), behind);
  return any &&
         std::any_of(second.yield()->operands().begin(),
                     second.yield()->operands().end(),
                     [&](const Value *value) { return behind[value] > 1; });
}

Attr substituteAttr(const Attr &attr, const Dim::Lookup &lookup) {
  if (const Dim *dim = attr.getIf<Dim>())
    return dim->substitute(lookup);
  if (const AttrList *list = attr.getIf<AttrList>()) {
    AttrList result;
    for (const Attr &entry : *list)
      result.push_back(substituteAttr(entry, lookup));
    return result;
  }
  if (const AttrDict *dict = attr.getIf<AttrDict>()) {
    AttrDict result;
    for (const auto &[name, value] : *dict)
      result.set(name, substituteAttr(value, lookup));
    return result;
  }
  return attr;
}

void substituteBody(Block &body, const Dim::Lookup &lookup) {
  for (const auto &op : body.operations())
    if (op->is("axis"))
      op->attrs.set("value", substituteAttr(op->attr("value"), lookup));
}

void Nest::substitute(const Dim::Lookup &lookup) {
  for (std::vector<Shape> *list : {&maps, &results})
    for (Shape &map : *list)
      for (Dim &entry : map)
        entry = entry.substitute(lookup);
  substituteBody(body(), lookup);
}

void Nest::renameAxes(const AxisNames &names) {
  for (std::vector<NestAxis> *axes : {&parallel, &reduce})
    for (NestAxis &axis : *axes)
      if (auto renamed = names.find(axis.name); renamed != names.end())
        axis.name = renamed->second;
  substitute([&](std::string_view name) -> std::optional<Dim> {
    auto renamed = names.find(name);
    if (renamed == names.end())
      return std::nullopt;
    return Dim::symbol(renamed->second);
  });
}

} // namespace nnc
