#include "ir/op.h"

#include "ir/check.h"
#include "ir/op_def.h"

#include <algorithm>
#include <set>

namespace nnc {

Block *Value::parentBlock() const { return op ? op->parentBlock() : block; }

void Value::replaceAllUsesWith(Value *other) {
  check(other != this, "a value replaced by itself");
  std::vector<Use> uses = useList;
  for (const Use &use : uses)
    use.op->setOperand(use.operand, other);
}

Block::~Block() {
  // A value may be used by a later op only, so the last op goes first.
  while (!ops.empty())
    ops.pop_back();
}

Value *Block::addArgument(Type type, std::string hint) {
  auto value = std::make_unique<Value>();
  value->valueType = std::move(type);
  value->hint = std::move(hint);
  value->block = this;
  value->position = argumentCount();
  arguments.push_back(std::move(value));
  return arguments.back().get();
}

void Block::eraseArgument(int64_t index) {
  check(arguments[index]->isUnused(), "a used block argument erased");
  arguments.erase(arguments.begin() + index);
  for (int64_t i = index; i < argumentCount(); ++i)
    arguments[i]->position = i;
}

std::unique_ptr<Op> Op::create(const OpDef &def,
                               std::span<Value *const> operands, AttrDict attrs,
                               std::span<const Type> resultTypes,
                               Location location, int64_t regions) {
  std::unique_ptr<Op> op(new Op);
  op->definition = &def;
  op->attrs = std::move(attrs);
  op->location = std::move(location);
  for (Value *value : operands)
    op->addOperand(value);
  for (const Type &type : resultTypes) {
    auto value = std::make_unique<Value>();
    value->valueType = type;
    value->op = op.get();
    value->position = op->resultCount();
    op->outputs.push_back(std::move(value));
  }
  for (int64_t i = 0; i < regions; ++i) {
    op->regions.push_back(std::make_unique<Block>());
    op->regions.back()->parent = op.get();
  }
  return op;
}

Op::~Op() {
  // A later region may use values of an earlier one in text that does not
  // verify.
  while (!regions.empty())
    regions.pop_back();
  dropOperands();
}

std::string_view Op::name() const { return definition->name; }

void Op::dropOperands() {
  while (!inputs.empty())
    eraseOperand(operandCount() - 1);
}

static void dropUse(std::vector<Value::Use> &uses, Op *op, int64_t operand) {
  // Ops that go are mostly the last that came.
  auto found = std::find_if(uses.rbegin(), uses.rend(), [&](Value::Use use) {
    return use.op == op && use.operand == operand;
  });
  check(found != uses.rend(), "a use that its value does not know");
  uses.erase(std::next(found).base());
}

void Op::setOperand(int64_t i, Value *value) {
  dropUse(inputs[i]->useList, this, i);
  inputs[i] = value;
  value->useList.push_back({this, i});
}

void Op::addOperand(Value *value) {
  value->useList.push_back({this, operandCount()});
  inputs.push_back(value);
}

void Op::eraseOperand(int64_t i) {
  for (int64_t j = i; j < operandCount(); ++j)
    dropUse(inputs[j]->useList, this, j);
  inputs.erase(inputs.begin() + i);
  for (int64_t j = i; j < operandCount(); ++j)
    inputs[j]->useList.push_back({this, j});
}

void Op::eraseResult(int64_t i) {
  check(outputs[i]->isUnused(), "a used result erased");
  outputs.erase(outputs.begin() + i);
  for (int64_t j = i; j < resultCount(); ++j)
    outputs[j]->position = j;
}

std::vector<Type> Op::resultTypes() const {
  std::vector<Type> types;
  for (const auto &value : outputs)
    types.push_back(value->type());
  return types;
}

const Attr &Op::attr(std::string_view attrName) const {
  const Attr *found = attrs.find(attrName);
  if (!found)
    internalError("op " + std::string(name()) + " has no attribute " +
                  std::string(attrName));
  return *found;
}

std::unique_ptr<Op> Op::unlink() {
  std::unique_ptr<Op> self = std::move(*place);
  parent->ops.erase(place);
  parent = nullptr;
  return self;
}

void Op::erase() {
  for (const auto &value : outputs)
    check(value->isUnused(), "an op erased whose result is used");
  unlink();
}

void Op::moveBefore(Op *other) {
  Block &target = *other->parent;
  target.ops.splice(other->place, parent->ops, place);
  target.isNumbered = false;
  parent = &target;
}

Op *Op::next() const {
  auto following = std::next(place);
  return following == parent->ops.end() ? nullptr : following->get();
}

bool Op::isBefore(const Op *other) const {
  if (!parent || parent != other->parent)
    return false;
  if (!parent->isNumbered) {
    int64_t count = 0;
    for (const auto &op : parent->ops)
      op->number = count++;
    parent->isNumbered = true;
  }
  return number < other->number;
}

Value *Function::addArgument(Type type, std::string hint, AttrDict attrs) {
  argAttrs.push_back(std::move(attrs));
  return body.addArgument(std::move(type), std::move(hint));
}

std::vector<Type> Function::resultTypes() const {
  std::vector<Type> types;
  for (Value *value : body.terminator()->operands())
    types.push_back(value->type());
  return types;
}

static void addSymbols(const Dim &dim, std::set<std::string> &names) {
  dim.forEachSymbol([&](const std::string &name) {
    if (std::isupper(static_cast<unsigned char>(name[0])))
      names.insert(name);
  });
}

static void addSymbols(const Type &type, std::set<std::string> &names) {
  for (const Dim &dim : type.shape())
    addSymbols(dim, names);
}

static void addSymbols(const Attr &attr, std::set<std::string> &names) {
  if (const Dim *dim = attr.getIf<Dim>())
    addSymbols(*dim, names);
  if (const Type *type = attr.getIf<Type>())
    addSymbols(*type, names);
  if (const AttrList *list = attr.getIf<AttrList>())
    for (const Attr &entry : *list)
      addSymbols(entry, names);
  if (const AttrDict *dict = attr.getIf<AttrDict>())
    for (const auto &[key, value] : *dict)
      addSymbols(value, names);
}

static void addSymbols(const Block &block, std::set<std::string> &names);

static void addSymbols(const Op &op, std::set<std::string> &names) {
  for (int64_t i = 0; i < op.resultCount(); ++i)
    addSymbols(op.result(i)->type(), names);
  for (const auto &[key, value] : op.attrs)
    addSymbols(value, names);
  for (int64_t i = 0; i < op.regionCount(); ++i)
    addSymbols(op.region(i), names);
}

static void addSymbols(const Block &block, std::set<std::string> &names) {
  for (int64_t i = 0; i < block.argumentCount(); ++i)
    addSymbols(block.argument(i)->type(), names);
  for (const auto &op : block.operations())
    addSymbols(*op, names);
}

std::vector<std::string> Function::dimSymbols() const {
  std::set<std::string> names;
  addSymbols(body, names);
  names.erase(std::string(runsSymbol));
  return {names.begin(), names.end()};
}

bool hasSymbolsBehind(const Block &block, const Op *op) {
  std::set<std::string> names;
  const Op *next = op              ? op->next()
                   : block.empty() ? nullptr
                                   : block.operations().front().get();
  for (; next && names.empty(); next = next->next())
    addSymbols(*next, names);
  return !names.empty();
}

Function *Module::find(std::string_view name) const {
  for (const auto &function : functions)
    if (function->name == name)
      return function.get();
  return nullptr;
}

} // namespace nnc
