//===- Computes an elementwise producer where it is used ------------------===//
//
// A nest without reduction is put into the body of a nest that reads it: the
// reader's index map takes the place of the producer's axes. This is fusion at
// the innermost axis.
//
//===----------------------------------------------------------------------===//
#include "ir/kernels/nest.h"
#include "ir/pass.h"

#include <algorithm>

namespace nnc {

namespace {

/// The reader's loads while they are put together anew.
struct Loads {
  std::vector<NestOperand> operands;
  std::vector<Value *> arguments; ///< In the reader's body.
};

bool isUnused(const Op &op) {
  for (int64_t i = 0; i < op.resultCount(); ++i)
    if (!op.result(i)->isUnused())
      return false;
  return true;
}

class Composition {
public:
  Composition(Nest &reader, int64_t operand)
      : reader(reader), operand(operand),
        producer(reader.op->operand(operand)->definingOp()) {}

  bool isLegal() const {
    // A producer with its own symbols, or one that fills part of a tensor, is
    // not a plain function of the index.
    if (producer.isReduction() || producer.into || !producer.loaded.empty() ||
        (!reader.loaded.empty() && !isLookedUp()))
      return false;
    const Shape &result = resultMap();
    std::vector<std::string> seen;
    for (const Dim &entry : result) {
      std::optional<std::string> axis = entry.asSymbol();
      if (!axis || !producer.findParallel(*axis) ||
          std::find(seen.begin(), seen.end(), *axis) != seen.end())
        return false;
      seen.push_back(*axis);
    }
    if (seen.size() != producer.parallel.size())
      return false;
    return !reader.fill[operand] || isOutsideTogether();
  }

  bool pays() const {
    if (producer.isCopy())
      return !reader.isContraction() || producerReadsOnce();
    if (reader.isContraction())
      return false;
    // Chains of any length are composed in time that grows with the length.
    constexpr size_t longBody = 256;
    if (producer.body().operations().size() +
            reader.body().operations().size() >
        longBody)
      return false;
    if (waitTooLong(producer, reader) || wouldStoreProduct())
      return false;
    // Values that are handed out are computed anyway; loading is cheaper than
    // computing more than a little again.
    int64_t work = 0;
    for (const auto &op : producer.body().operations())
      work += costOf(*op);
    if (work <= 1)
      return true;
    const Value *value = reader.op->operand(operand);
    auto isReader = [&](const Value::Use &use) { return use.op == reader.op; };
    bool onlyReader =
        std::all_of(value->uses().begin(), value->uses().end(), isReader);
    // A flag takes a conversion to store and one to load.
    int64_t little = value->type().elem() == Elem::Bool ? 8 : 4;
    if (!onlyReader && work <= little && allReadersAreNests(*value))
      return true;
    if (onlyReader && !readerRepeats())
      return true;
    // What is computed elsewhere already is no reader.
    return work <= 16 && readerSpreads() &&
           std::all_of(value->uses().begin(), value->uses().end(),
                       [&](const Value::Use &use) {
                         return isReader(use) || isUnused(*use.op);
                       });
  }

  Remark remark(const PassContext &context) const {
    Remark remark{.rule = "compose-nests",
                  .text = "computed where it is used",
                  .location = producer.op->location};
    if (context.records()) {
      const Type &type = reader.op->operand(operand)->type();
      Dim size = elementCount(type.shape()) * elemBytes(type.elem());
      bool isLast = reader.op->operand(operand)->uses().size() == 1;
      // Written once, and read by this reader.
      remark.before.bytes = isLast ? size * 2 : size;
    }
    return remark;
  }

  void apply() {
    if (producer.isCopy() && producer.loadCount() == 1)
      return forwardLoad();
    keepLimits();
    Block &body = reader.body();
    ValueMap inside;
    for (int64_t i = 0; i < producer.loadCount(); ++i) {
      Shape map;
      for (const Dim &entry : producer.maps[i])
        map.push_back(atReader(entry));
      std::optional<double> fill =
          reader.fill[operand] ? reader.fill[operand] : producer.fill[i];
      inside.set(producer.body().argument(i),
                 addLoad(producer.op->operand(i), map, fill));
    }
    Builder builder(body.operations().front().get());
    for (const auto &op : producer.body().operations()) {
      if (op->is("yield"))
        break;
      Op *copy = builder.clone(*op, inside);
      if (copy->is("axis"))
        copy->attrs.set("value", atReader(copy->attr("value").asDim()));
    }
    int64_t result = reader.op->operand(operand)->index();
    Value *computed = inside.find(producer.yield()->operand(result));
    body.argument(operand)->replaceAllUsesWith(computed);
    removeLoad(operand);
    reader.write();
  }

private:
  /// Whether the reader looks up numbers that follow from their index, as the
  /// check of a label does in 0, 1, 2, ...
  bool isLookedUp() const {
    return producer.loadCount() == 0 && !reader.into && !reader.isReduction() &&
           std::none_of(
               reader.loaded.begin(), reader.loaded.end(),
               [&](const auto &index) { return index.second >= operand; });
  }

  /// An index symbol that only the operand's map had must still be in range.
  void keepLimits() {
    for (const auto &[symbol, source] : reader.loaded)
      for (size_t i = 0; i < reader.maps[operand].size(); ++i)
        if (reader.maps[operand][i].asSymbol() == symbol)
          reader.limits.emplace(symbol, reader.op->operand(operand)->type().dim(
                                            static_cast<int64_t>(i)));
  }

  /// Where the reader's index is outside the producer's result, it loads its
  /// fill. It still does if the producer is a copy whose operand has each axis
  /// of the result, whole.
  bool isOutsideTogether() const {
    if (!producer.isCopy() || producer.loadCount() != 1 || producer.fill[0])
      return false;
    size_t found = 0;
    for (size_t i = 0; i < producer.maps[0].size(); ++i) {
      const Dim &entry = producer.maps[0][i];
      if (entry.isConstant())
        continue;
      std::optional<std::string> name = entry.asSymbol();
      const NestAxis *axis = name ? producer.findParallel(*name) : nullptr;
      if (!axis || !(axis->extent == producer.op->operand(0)->type().dim(i)))
        return false;
      ++found;
    }
    return found == producer.parallel.size();
  }

  Dim atReader(const Dim &entry) const {
    return entry.substitute(
        [this](std::string_view name) -> std::optional<Dim> {
          const Shape &result = resultMap();
          for (size_t axis = 0; axis < result.size(); ++axis)
            if (result[axis].asSymbol() == name)
              return reader.maps[operand][axis];
          return std::nullopt;
        });
  }

  /// A copy of one tensor: the reader loads from there, in the same place
  /// among its operands.
  void forwardLoad() {
    Shape map;
    for (const Dim &entry : producer.maps[0])
      map.push_back(atReader(entry));
    reader.op->setOperand(operand, producer.op->operand(0));
    reader.maps[operand] = map;
    if (!reader.fill[operand])
      reader.fill[operand] = producer.fill[0];
    reader.write();
  }

  const Shape &resultMap() const {
    return producer.results[reader.op->operand(operand)->index()];
  }

  static int64_t costOf(const Op &op) {
    if (op.is("constant") || op.is("yield") || op.is("axis") || op.is("size") ||
        op.is("cast") || op.is("neg"))
      return 0;
    for (const char *cheap : {"add", "sub", "mul", "max", "min", "compare",
                              "select", "and", "or", "not", "abs"})
      if (op.is(cheap))
        return 1;
    return 8;
  }

  /// True if the reader has more places than the producer: then it touches some
  /// element more than once.
  bool readerRepeats() const {
    Dim mine = 1;
    for (const std::vector<NestAxis> *axes : {&reader.parallel, &reader.reduce})
      for (const NestAxis &axis : *axes)
        mine = mine * axis.extent;
    Dim theirs = 1;
    for (const NestAxis &axis : producer.parallel)
      theirs = theirs * axis.extent;
    return !(theirs - mine).isKnownNonNegative();
  }

  /// True if the reader takes each element for a few neighbouring places, as
  /// the derivative of a pool does: they are lanes of one vector, or rows.
  bool readerSpreads() const {
    constexpr int64_t few = 4;
    bool hasFloor = false;
    Dim mine = 1, theirs = 1;
    for (const NestAxis &axis : reader.parallel) {
      mine = mine * axis.extent;
      for (const Dim &entry : reader.maps[operand])
        hasFloor |= !entry.coefficientOf(axis.name);
    }
    for (const NestAxis &axis : producer.parallel)
      theirs = theirs * axis.extent;
    return hasFloor && !reader.isReduction() &&
           (theirs * few - mine).isKnownNonNegative();
  }

  /// True if the value is handed out anyway, and is made of a product that is
  /// not: the reader would have that stored too, to read it in its place.
  bool wouldStoreProduct() const {
    const Value *value = reader.op->operand(operand);
    bool isHandedOut = std::ranges::any_of(
        value->uses(), [](const Value::Use &use) {
          return use.op->is("yield") || use.op->is("return");
        });
    return isHandedOut &&
           std::ranges::any_of(producer.op->operands(), [&](Value *of) {
             Op *maker = of->definingOp();
             return of->uses().size() == 1 && maker && maker->is("nest") &&
                    Nest(maker).isContraction();
           });
  }

  bool producerReadsOnce() const { return producer.loadCount() == 1; }

  static bool allReadersAreNests(const Value &value) {
    return std::all_of(
        value.uses().begin(), value.uses().end(), [](const Value::Use &use) {
          return use.op->is("nest") && !Nest(use.op).isContraction();
        });
  }

  /// The argument for a load that the reader may already have.
  Value *addLoad(Value *value, const Shape &map, std::optional<double> fill) {
    for (int64_t i = 0; i < reader.loadCount(); ++i)
      if (i != operand && reader.op->operand(i) == value &&
          reader.maps[i] == map && reader.fill[i] == fill)
        return reader.body().argument(i);
    // `into` comes last among the operands.
    Value *into = nullptr;
    if (reader.into) {
      into = reader.op->operand(reader.op->operandCount() - 1);
      reader.op->eraseOperand(reader.op->operandCount() - 1);
    }
    reader.op->addOperand(value);
    if (into)
      reader.op->addOperand(into);
    reader.maps.push_back(map);
    reader.fill.push_back(fill);
    return reader.body().addArgument(Type::scalar(value->type().elem()),
                                     value->hint);
  }

  void removeLoad(int64_t i) {
    reader.op->eraseOperand(i);
    reader.body().eraseArgument(i);
    reader.maps.erase(reader.maps.begin() + i);
    reader.fill.erase(reader.fill.begin() + i);
  }

  Nest &reader;
  int64_t operand;
  Nest producer;
};

} // namespace

/// Composes into `reader` until nothing more pays.
static void composeInto(Op *reader, const PassContext &context) {
  bool changed = true;
  while (changed) {
    changed = false;
    Nest nest(reader);
    for (int64_t i = 0; i < nest.loadCount() && !changed; ++i) {
      Op *producer = reader->operand(i)->definingOp();
      if (!producer || !producer->is("nest") ||
          producer->parentBlock() != reader->parentBlock())
        continue;
      Composition composition(nest, i);
      if (composition.isLegal() && composition.pays() &&
          context.allows("compose-nests")) {
        context.applied(composition.remark(context));
        composition.apply();
        changed = true;
      }
    }
  }
}

static void composeBlock(Block &block, const PassContext &context) {
  std::vector<Op *> ops;
  for (const auto &op : block.operations())
    ops.push_back(op.get());
  for (Op *op : ops)
    if (op->is("nest"))
      composeInto(op, context);
    else
      for (int64_t i = 0; i < op->regionCount(); ++i)
        composeBlock(op->region(i), context);
}

static std::optional<PassError> run(Function &function,
                                    const PassContext &context) {
  composeBlock(function.body, context);
  return std::nullopt;
}

extern const Pass pass_compose_nests;
const Pass pass_compose_nests = {
    .name = "compose-nests",
    .doc = "Computes cheap elementwise values where they are used instead of "
           "storing them.",
    .from = Kernels,
    .to = Kernels,
    .run = run,
    .asks = true,
};

} // namespace nnc
