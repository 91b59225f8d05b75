#include "ir/cost.h"

#include "ir/op_def.h"
#include "ir/scan.h"

#include <algorithm>
#include <map>

namespace nnc {

namespace {

class CostTable {
public:
  void addBlock(const Block &block, const Dim &times, int64_t depth);
  void addParameters(const Function &function,
                     const std::vector<Variable> &variables);
  void addInputs(const Function &function);

  LayerTable table;

private:
  /// Whether the op belongs to the last row, of a block that has one.
  bool continuesRow(const Op &op) const;
  /// The first row that uses a value, or what is made of it in no row; or -1.
  int64_t firstUse(const Value *value) const;
  void addInputs(const Block &block);
  void addSources(const Value *value, LayerCost &row);

  std::vector<LayerCost> &rows = table.rows;
  std::unordered_map<const Op *, size_t> &rowOf = table.rowOf;
  /// What a value of no row stands for: an input, or a value of a loop's body
  /// the loop itself.
  std::map<const Value *, int64_t> sourceOf;
};

bool CostTable::continuesRow(const Op &op) const {
  if (op.is("scan"))
    return false;
  const Location &last = rows.back().location;
  if (op.location.layer || last.layer)
    return op.location.layer == last.layer;
  return op.location.line == last.line;
}

/// What a scan yields, if it does, has an element for each turn.
const Value *mainResult(const Op &op) {
  if (!op.is("scan"))
    return op.result();
  int64_t carries = ScanParts(op).carries;
  return op.result(op.resultCount() > carries ? carries : 0);
}

void CostTable::addBlock(const Block &block, const Dim &times, int64_t depth) {
  bool open = false; // What came before belongs to this block.
  for (const auto &op : block.operations()) {
    if (isPlumbing(*op) && !(open && continuesRow(*op)))
      continue;
    bool isScan = op->is("scan");
    if (!open || !continuesRow(*op)) {
      LayerCost row;
      row.location = op->location;
      row.times = times;
      row.depth = depth;
      rows.push_back(std::move(row));
    }
    LayerCost &row = rows.back();
    open = !isScan;
    std::string name(op->name());
    if (op->location.layer && !isScan)
      row.name = *op->location.layer;
    else if (!isPlumbing(*op) &&
             (", " + row.name + ",").find(", " + name + ",") ==
                 std::string::npos)
      row.name += (row.name.empty() ? "" : ", ") + name;
    if (op->resultCount() && !isPlumbing(*op))
      row.result = mainResult(*op)->type();
    if (CostRule cost = op->def().multiplyAdds)
      row.multiplyAdds = row.multiplyAdds + times * cost(*op);
    rowOf[op.get()] = rows.size() - 1;
    if (isScan)
      addBlock(op->region(), times * ScanParts(*op).length, depth + 1);
  }
}

int64_t CostTable::firstUse(const Value *value) const {
  size_t first = rows.size();
  std::vector<const Value *> waiting{value};
  while (!waiting.empty()) {
    const Value *now = waiting.back();
    waiting.pop_back();
    for (const Value::Use &use : now->uses())
      if (auto found = rowOf.find(use.op); found != rowOf.end())
        first = std::min(first, found->second);
      else
        for (int64_t i = 0; i < use.op->resultCount(); ++i)
          waiting.push_back(use.op->result(i));
  }
  return first < rows.size() ? static_cast<int64_t>(first) : -1;
}

void CostTable::addParameters(const Function &function,
                              const std::vector<Variable> &variables) {
  for (int64_t i = 0; i < function.body.argumentCount(); ++i) {
    const Attr *path = function.argAttrs[i].find("variable");
    if (!path)
      continue;
    bool isParameter = false;
    for (const Variable &variable : variables)
      isParameter |= variable.path == path->asString() &&
                     variable.kind == Variable::Parameter;
    if (!isParameter)
      continue;
    // Its layer's row, also where a loop hands it in; else its first use.
    std::string layer = path->asString();
    layer.resize(layer.rfind('.'));
    int64_t place = -1;
    for (size_t row = 0; row < rows.size() && place < 0; ++row)
      if (rows[row].name == layer)
        place = static_cast<int64_t>(row);
    if (place < 0)
      place = firstUse(function.body.argument(i));
    if (place >= 0)
      rows[place].parameters +=
          elementCount(function.body.argument(i)->type().shape()).value();
  }
}

void CostTable::addInputs(const Function &function) {
  int64_t inputs = 0;
  for (int64_t i = 0; i < function.body.argumentCount(); ++i)
    if (function.argAttrs[i].find("input"))
      sourceOf[function.body.argument(i)] = --inputs;
  addInputs(function.body);
}

void CostTable::addInputs(const Block &block) {
  for (const auto &op : block.operations()) {
    auto found = rowOf.find(op.get());
    if (found == rowOf.end())
      continue;
    for (const Value *operand : op->operands())
      addSources(operand, rows[found->second]);
    if (!op->is("scan"))
      continue;
    const Block &body = op->region();
    for (int64_t i = 0; i < body.argumentCount(); ++i)
      sourceOf[body.argument(i)] = static_cast<int64_t>(found->second);
    addInputs(body);
  }
}

/// Looks through what has no row.
void CostTable::addSources(const Value *value, LayerCost &row) {
  int64_t source = &row - rows.data();
  if (auto known = sourceOf.find(value); known != sourceOf.end()) {
    source = known->second;
  } else if (const Op *op = value->definingOp()) {
    auto found = rowOf.find(op);
    if (found == rowOf.end()) {
      for (const Value *operand : op->operands())
        addSources(operand, row);
      return;
    }
    source = static_cast<int64_t>(found->second);
  }
  bool isNew = std::find(row.inputs.begin(), row.inputs.end(), source) ==
               row.inputs.end();
  if (isNew && &row != rows.data() + source)
    row.inputs.push_back(source);
}

Dim multiplyAddsOf(const Block &block) {
  Dim sum;
  for (const auto &op : block.operations()) {
    if (CostRule cost = op->def().multiplyAdds)
      sum = sum + cost(*op);
    if (op->is("scan"))
      sum = sum + ScanParts(*op).length * multiplyAddsOf(op->region());
  }
  return sum;
}

} // namespace

bool isPlumbing(const Op &op) {
  return op.def().kind == OpKind::Structural || op.is("broadcast") ||
         op.is("size") || op.is("iota");
}

LayerTable costsOf(const Function &function,
                   const std::vector<Variable> &variables) {
  CostTable costs;
  costs.addBlock(function.body, 1, 0);
  costs.addParameters(function, variables);
  costs.addInputs(function);
  addBytes(function, costs.table);
  return std::move(costs.table);
}

Dim multiplyAddsOf(const Function &function) {
  return multiplyAddsOf(function.body);
}

} // namespace nnc
