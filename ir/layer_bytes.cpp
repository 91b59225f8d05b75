//===- What each layer of a function reads and writes ---------------------===//
#include "ir/cost.h"

#include "ir/op_def.h"

#include <algorithm>
#include <map>
#include <set>

namespace nnc {

namespace {

/// Moves nothing itself: its readers read what it stands for.
bool isTransparent(const Op &op) {
  return isPlumbing(op) || op.is("reshape") || op.is("again") ||
         op.is("stop_gradient");
}

/// A constant with elements of its own, which stand in memory.
bool isDense(const Op &op) {
  return op.is("constant") && op.attr("value").getIf<DenseData>();
}

class ByteCount {
public:
  explicit ByteCount(LayerTable &table) : table(table) {}

  void addBlock(const Block &block) {
    for (const auto &op : block.operations()) {
      for (int64_t i = 0; i < op->regionCount(); ++i)
        addBlock(op->region(i));
      auto found = table.rowOf.find(op.get());
      // A loop's own row moves nothing: those of its body do.
      if (found == table.rowOf.end() || isTransparent(*op) || op->is("scan"))
        continue;
      row = found->second;
      for (const Value *operand : op->operands())
        addReads(*operand, *op);
      for (int64_t i = 0; i < op->resultCount(); ++i)
        if (leavesRow(*op->result(i)))
          add(bytesOf(op->result(i)->type()));
    }
  }

  /// Adds up what was read, now that each value's largest part is known.
  void finish() {
    for (const auto &[key, bytes] : reads) {
      row = key.first;
      add(bytes);
    }
  }

private:
  void add(const Dim &bytes) {
    table.rows[row].bytes =
        table.rows[row].bytes + table.rows[row].times * bytes;
  }

  bool isInRow(const Op *op) const {
    auto found = table.rowOf.find(op);
    return found != table.rowOf.end() && found->second == row;
  }

  void addReads(const Value &value, const Op &reader) {
    const Op *op = value.definingOp();
    if (op && isTransparent(*op) && op->operandCount()) {
      for (const Value *operand : op->operands())
        addReads(*operand, reader);
      return;
    }
    if (op && (isInRow(op) || (isTransparent(*op) && !isDense(*op))))
      return;
    Dim bytes = bytesOf(value.type());
    if (reader.def().kind == OpKind::Indexing)
      bytes = Dim::min(bytes, elementCount(reader.result()->type().shape()) *
                                  elemBytes(value.type().elem()));
    auto [known, isNew] = reads.try_emplace({row, &value}, bytes);
    if (!isNew)
      known->second = Dim::max(known->second, bytes);
  }

  bool leavesRow(const Value &value) const {
    return std::any_of(value.uses().begin(), value.uses().end(),
                       [&](const Value::Use &use) {
                         if (use.op == use.op->parentBlock()->terminator())
                           return true;
                         if (isTransparent(*use.op))
                           return leavesRow(*use.op->result());
                         return !isInRow(use.op);
                       });
  }

  LayerTable &table;
  size_t row = 0;
  std::map<std::pair<size_t, const Value *>, Dim> reads;
};

} // namespace

Dim bytesOf(const Type &type) {
  return elementCount(type.shape()) * elemBytes(type.elem());
}

void addBytes(const Function &function, LayerTable &table) {
  ByteCount count(table);
  count.addBlock(function.body);
  count.finish();
}

} // namespace nnc
