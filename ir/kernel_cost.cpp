#include "ir/kernel_cost.h"

#include "ir/builder.h"
#include "ir/kernels/nest.h"
#include "ir/op_def.h"
#include "ir/scan.h"

#include <algorithm>
#include <map>
#include <set>

namespace nnc {

namespace {

// Note [Origins]
// Passes hand the location of an op on to what they make of it. So in the copy
// that is lowered a location's layer says instead which row the op is of, and
// whether it is a product: as the address of a string of its own.

class Origins {
public:
  explicit Origins(const LayerTable &table) : table(table) {}

  /// `copy` has the same ops as `source`.
  void mark(const Block &source, Block &copy) {
    auto op = source.operations().begin();
    for (const auto &marked : copy.operations()) {
      marked->location.layer = originOf(**op);
      for (int64_t i = 0; i < marked->regionCount(); ++i)
        mark((*op)->region(i), marked->region(i));
      ++op;
    }
  }

  /// The row that an op was made from, or -1.
  int64_t rowOf(const Op &op) const {
    auto found = rows.find(op.location.layer.get());
    return found == rows.end() ? -1 : found->second;
  }
  bool isProduct(const Op &op) const {
    return op.is("mul") && products.contains(op.location.layer.get());
  }

private:
  using Origin = std::shared_ptr<const std::string>;

  Origin originOf(const Op &op) {
    auto row = table.rowOf.find(&op);
    if (row == table.rowOf.end())
      return nullptr;
    bool isProduct = op.def().multiplyAdds;
    Origin &origin = known[{row->second, isProduct}];
    if (!origin) {
      origin = std::make_shared<const std::string>();
      rows[origin.get()] = static_cast<int64_t>(row->second);
      if (isProduct)
        products.insert(origin.get());
    }
    return origin;
  }

  const LayerTable &table;
  std::map<std::pair<size_t, bool>, Origin> known;
  std::map<const std::string *, int64_t> rows;
  std::set<const std::string *> products;
};

Dim points(const std::vector<NestAxis> &axes) {
  Dim count = 1;
  for (const NestAxis &axis : axes)
    count = count * axis.extent;
  return count;
}

/// How many values an index takes.
Dim valuesOf(const Nest &nest, const Dim &index) {
  Dim count = 1;
  for (const std::vector<NestAxis> *axes : {&nest.parallel, &nest.reduce})
    for (const NestAxis &axis : *axes)
      if (index.uses(axis.name))
        count = count * axis.extent;
  for (const auto &[symbol, operand] : nest.loaded)
    if (index.uses(symbol))
      for (const Dim &entry : nest.maps[operand])
        count = count * valuesOf(nest, entry);
  return count;
}

/// The elements of a tensor that a map reaches: of a table those that were
/// looked up, of what a slice reads that part.
Dim reached(const Nest &nest, const Type &type, const Shape &map) {
  Dim count = 1;
  for (size_t axis = 0; axis < map.size(); ++axis)
    count = count * Dim::min(type.dim(static_cast<int64_t>(axis)),
                             valuesOf(nest, map[axis]));
  return count;
}

class KernelTable {
public:
  KernelTable(const LayerTable &layers, const Origins &origins)
      : layers(layers), origins(origins) {}

  void addFunction(const Function &function) {
    int64_t inputs = 0;
    for (int64_t i = 0; i < function.body.argumentCount(); ++i)
      if (function.argAttrs[i].find("input"))
        sourceOf[function.body.argument(i)] = --inputs;
    addBlock(function.body, 1, 0);
    addIndexed();
  }

  std::vector<KernelCost> kernels;

private:
  void addBlock(const Block &block, const Dim &times, int64_t depth) {
    for (const auto &op : block.operations()) {
      if (op->is("kernel"))
        addKernel(*op, times, depth);
      else if (op->is("scan"))
        addLoop(*op, times, depth);
    }
  }

  KernelCost &add(const Op &op, const Dim &times, int64_t depth) {
    KernelCost cost;
    cost.op = &op;
    cost.times = times;
    cost.depth = depth;
    for (const Value *operand : op.operands()) {
      const Op *source = operand->definingOp();
      while (source && source->is("reshape")) {
        operand = source->operand(0);
        source = operand->definingOp();
      }
      auto found = sourceOf.find(operand);
      if (found != sourceOf.end() &&
          std::find(cost.inputs.begin(), cost.inputs.end(), found->second) ==
              cost.inputs.end())
        cost.inputs.push_back(found->second);
    }
    if (op.resultCount())
      cost.result = op.result(op.resultCount() - 1)->type();
    for (int64_t i = 0; i < op.resultCount(); ++i)
      sourceOf[op.result(i)] = static_cast<int64_t>(kernels.size());
    kernels.push_back(std::move(cost));
    return kernels.back();
  }

  void addLoop(const Op &op, const Dim &times, int64_t depth) {
    KernelCost &loop = add(op, times, depth);
    loop.isLoop = true;
    if (int64_t row = origins.rowOf(op); row >= 0)
      loop.layers.push_back(row);
    const Block &body = op.region();
    for (int64_t i = 0; i < body.argumentCount(); ++i)
      sourceOf[body.argument(i)] = static_cast<int64_t>(kernels.size()) - 1;
    addBlock(body, times * ScanParts(op).length, depth + 1);
  }

  void addKernel(const Op &op, const Dim &times, int64_t depth) {
    KernelCost &cost = add(op, times, depth);
    const Block &body = op.region();
    std::set<int64_t> rows;
    auto note = [&](const Op &part) {
      // Equal constants are one, which is where the first was.
      if (int64_t row = origins.rowOf(part); row >= 0 && !part.is("constant"))
        rows.insert(row);
    };
    Dim products;
    std::vector<Dim> read(body.argumentCount());
    for (const auto &inner : body.operations()) {
      if (!inner->is("nest"))
        continue;
      Nest nest(inner.get());
      note(*inner);
      for (const auto &scalar : nest.body().operations()) {
        note(*scalar);
        if (origins.isProduct(*scalar))
          products = products + points(nest.parallel) * points(nest.reduce);
      }
      for (int64_t i = 0; i < nest.loadCount(); ++i) {
        const Value *value = inner->operand(i);
        if (value->owner() != &body)
          continue;
        Dim &known = read[value->index()];
        known = Dim::max(known, reached(nest, value->type(), nest.maps[i]));
      }
    }
    cost.layers.assign(rows.begin(), rows.end());
    cost.multiplyAdds = times * products;
    Dim bytes = bytesWritten(body);
    for (int64_t i = 0; i < body.argumentCount(); ++i)
      bytes = bytes + read[i] * elemBytes(body.argument(i)->type().elem());
    cost.bytes = times * bytes;
  }

  static Dim bytesWritten(const Block &body) {
    Dim bytes;
    for (const Value *value : body.terminator()->operands()) {
      const Op *op = value->definingOp();
      bytes = bytes + (op && op->findAttr("into")
                           ? points(Nest(value->definingOp()).parallel) *
                                 elemBytes(value->type().elem())
                           : bytesOf(value->type()));
    }
    return bytes;
  }

  /// A row of which no op is left is where its readers are, or else where that
  /// is which it reads.
  void addIndexed() {
    size_t count = layers.rows.size();
    std::vector<std::set<int64_t>> holders(count);
    for (size_t k = 0; k < kernels.size(); ++k)
      for (int64_t row : kernels[k].layers)
        holders[row].insert(static_cast<int64_t>(k));
    std::vector<bool> isHeld(count);
    for (size_t row = 0; row < count; ++row)
      isHeld[row] = !holders[row].empty();
    for (size_t row = count; row-- > 0;)
      for (int64_t input : layers.rows[row].inputs)
        if (input >= 0 && !isHeld[input])
          holders[input].insert(holders[row].begin(), holders[row].end());
    for (size_t row = 0; row < count; ++row) {
      if (isHeld[row])
        continue;
      if (holders[row].empty())
        for (int64_t input : layers.rows[row].inputs)
          if (input >= 0)
            holders[row].insert(holders[input].begin(), holders[input].end());
      for (int64_t kernel : holders[row])
        if (!kernels[kernel].isLoop)
          kernels[kernel].indexed.push_back(static_cast<int64_t>(row));
    }
  }

  const LayerTable &layers;
  const Origins &origins;
  std::map<const Value *, int64_t> sourceOf;
};

} // namespace

std::optional<std::vector<KernelCost>>
kernelCostsOf(const Function &function, Function &copy, const LayerTable &table,
              const std::function<bool(Function &)> &compile) {
  Origins origins(table);
  origins.mark(function.body, copy.body);
  if (!compile(copy))
    return std::nullopt;
  KernelTable result(table, origins);
  result.addFunction(copy);
  return std::move(result.kernels);
}

} // namespace nnc
