//===- ir/builder.h - Makes ops at an insertion point ---------------------===//
#ifndef NNC_IR_BUILDER_H
#define NNC_IR_BUILDER_H

#include "ir/op.h"

#include <unordered_map>

namespace nnc {

/// Which value stands for which in a copy. A value that is not known stands
/// for itself.
class ValueMap {
public:
  void set(const Value *from, Value *to);
  Value *find(Value *from) const;
  bool knows(const Value *from) const;

private:
  std::unordered_map<const Value *, Value *> values;
};

class Builder {
public:
  /// Inserts at the end of `block`.
  explicit Builder(Block &block) : block(&block), before(nullptr) {}
  /// Inserts just before `op`.
  explicit Builder(Op *op)
      : location(op->location), block(op->parentBlock()), before(op) {}

  void setInsertionEnd(Block &target) { block = &target, before = nullptr; }
  void setInsertionBefore(Op *op) { block = op->parentBlock(), before = op; }
  Block &insertionBlock() const { return *block; }

  /// Given to each op made from now on.
  Location location;

  /// Makes the op `name`. Its result types follow from its shape rule;
  /// `stated` gives them where the rule needs them said (`reshape`,
  /// `constant`, ...). The operands must fit: the front end checks first, with
  /// messages in the program's terms.
  Op *create(std::string_view name, std::span<Value *const> operands,
             AttrDict attrs = {}, std::span<const Type> stated = {});
  Op *create(std::string_view name, std::initializer_list<Value *> operands,
             AttrDict attrs = {}, std::initializer_list<Type> stated = {}) {
    return create(name, std::span(operands.begin(), operands.size()),
                  std::move(attrs), std::span(stated.begin(), stated.size()));
  }
  /// An op whose regions the caller fills; result types are taken as given.
  Op *createWithRegions(std::string_view name, std::span<Value *const> operands,
                        AttrDict attrs, std::span<const Type> resultTypes,
                        int64_t regions);

  /// `create` for an op with one result.
  Value *op(std::string_view name, std::initializer_list<Value *> operands,
            AttrDict attrs = {}, std::initializer_list<Type> stated = {}) {
    return create(name, operands, std::move(attrs), stated)->result();
  }
  Value *op(std::string_view name, const std::vector<Value *> &operands,
            AttrDict attrs = {}) {
    return create(name, operands, std::move(attrs))->result();
  }

  /// A tensor or vector whose every element is `value`.
  Value *constant(double value, Type type);
  /// `value`, converted to the shape of `type` by `broadcast` along the last
  /// axes, if it has another.
  Value *broadcastTo(Value *value, const Shape &shape);

  /// Clones `source` (with its regions) here; `map` translates operands and
  /// learns the results.
  Op *clone(const Op &source, ValueMap &map);

private:
  Op *insert(std::unique_ptr<Op> op);
  Block *block;
  Op *before;
};

/// A copy of the whole function.
std::unique_ptr<Function> cloneFunction(const Function &function);

} // namespace nnc

#endif // NNC_IR_BUILDER_H
