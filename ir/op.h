//===- ir/op.h - Ops, values, blocks, functions, modules ------------------===//
//
// One structure for the graph and for the loops:
//
//   %y = softmax %x {axis = 1} : f32[B, 10]
//
// An op has a definition (ir/op_def.h), operands, results, attributes, regions
// and a place in the source. A region has one block; a block has arguments and
// ops, the last of which (`yield`, `return`) hands on its values. An op's
// region may use values from outside only if its definition says so.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_OP_H
#define NNC_IR_OP_H

#include "ir/attribute.h"

#include <list>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nnc {

class Op;
class Block;
struct OpDef;

/// Where an op comes from: a place in a .nn file, or nowhere (line 0).
struct Location {
  std::shared_ptr<const std::string> file;
  int line = 0, column = 0;
  /// The path of the layer that it is in, "Net.dense1", or the name of the
  /// function that the net calls; null in the net itself.
  std::shared_ptr<const std::string> layer;
};

class Value {
public:
  const Type &type() const { return valueType; }
  void setType(Type type) { valueType = std::move(type); }
  /// The op whose result this is; null for a block's argument.
  Op *definingOp() const { return op; }
  /// The block whose argument this is; null for a result.
  Block *owner() const { return block; }
  int64_t index() const { return position; }
  /// The block in which the value comes to be.
  Block *parentBlock() const;

  struct Use {
    Op *op;
    int64_t operand;
  };
  const std::vector<Use> &uses() const { return useList; }
  bool isUnused() const { return useList.empty(); }
  void replaceAllUsesWith(Value *other);

  /// A wish for the name in print; the printer makes names unique.
  std::string hint;

private:
  friend class Op;
  friend class Block;
  Type valueType;
  Op *op = nullptr;
  Block *block = nullptr;
  int64_t position = 0;
  std::vector<Use> useList;
};

class Block {
public:
  using OpList = std::list<std::unique_ptr<Op>>;

  Block() = default;
  Block(const Block &) = delete;
  Block &operator=(const Block &) = delete;
  ~Block();

  Value *addArgument(Type type, std::string hint = "");
  void eraseArgument(int64_t index);
  int64_t argumentCount() const {
    return static_cast<int64_t>(arguments.size());
  }
  Value *argument(int64_t i) const { return arguments[i].get(); }

  OpList &operations() { return ops; }
  const OpList &operations() const { return ops; }
  bool empty() const { return ops.empty(); }
  /// The last op. Requires that there is one.
  Op *terminator() const { return ops.back().get(); }
  /// The op whose region this block is; null for a function's body.
  Op *parentOp() const { return parent; }

private:
  friend class Op;
  friend class Builder;
  std::vector<std::unique_ptr<Value>> arguments;
  OpList ops;
  Op *parent = nullptr;
  mutable bool isNumbered = false; ///< Whether its ops' numbers ascend.
};

class Op {
public:
  /// Makes an op that stands in no block yet. Types are not checked here.
  static std::unique_ptr<Op> create(const OpDef &def,
                                    std::span<Value *const> operands,
                                    AttrDict attrs,
                                    std::span<const Type> resultTypes,
                                    Location location, int64_t regions = 0);
  ~Op();
  Op(const Op &) = delete;
  Op &operator=(const Op &) = delete;

  const OpDef &def() const { return *definition; }
  std::string_view name() const;
  bool is(std::string_view opName) const { return name() == opName; }

  int64_t operandCount() const { return static_cast<int64_t>(inputs.size()); }
  Value *operand(int64_t i) const { return inputs[i]; }
  const std::vector<Value *> &operands() const { return inputs; }
  void setOperand(int64_t i, Value *value);
  void addOperand(Value *value);
  void eraseOperand(int64_t i);

  int64_t resultCount() const { return static_cast<int64_t>(outputs.size()); }
  Value *result(int64_t i = 0) const { return outputs[i].get(); }
  /// Requires that result `i` has no uses.
  void eraseResult(int64_t i);
  std::vector<Type> resultTypes() const;

  AttrDict attrs;
  /// Requires that the attribute is there.
  const Attr &attr(std::string_view attrName) const;
  const Attr *findAttr(std::string_view attrName) const {
    return attrs.find(attrName);
  }

  int64_t regionCount() const { return static_cast<int64_t>(regions.size()); }
  Block &region(int64_t i = 0) const { return *regions[i]; }

  Location location;

  /// The block this op stands in, or null.
  Block *parentBlock() const { return parent; }
  Op *parentOp() const { return parent ? parent->parentOp() : nullptr; }
  /// Takes the op out of its block and gives it away.
  std::unique_ptr<Op> unlink();
  /// Destroys the op. Requires that no result has uses.
  void erase();
  /// Moves this op to stand just before `other`, maybe in another block.
  void moveBefore(Op *other);
  /// The next op of the block, or null.
  Op *next() const;
  /// True if both stand in one block and this one comes first. Linear where ops
  /// came to the block since it was last asked.
  bool isBefore(const Op *other) const;

private:
  friend class Builder;
  Op() = default;
  void dropOperands();
  const OpDef *definition = nullptr;
  std::vector<Value *> inputs;
  std::vector<std::unique_ptr<Value>> outputs;
  std::vector<std::unique_ptr<Block>> regions;
  Block *parent = nullptr;
  Block::OpList::iterator place;
  mutable int64_t number = 0; ///< In its block, if that is numbered.
};

/// A symbol that is, as a function runs, how often it has run before with the
/// weights as they are, 2 if more often: see Note [What hangs on weights alone]
/// in ir/kernels/kept.h. It is no size of the program's.
inline constexpr std::string_view runsSymbol = "weights.runs";

/// A function's arguments are its block's arguments. `argAttrs` and
/// `resultAttrs` say what each one is to the program, for instance
/// `{variable = "Xor.dense1.w"}`; the compiler's passes do not read them,
/// except that a result and an argument of the same variable share storage.
struct Function {
  std::string name;
  Block body;
  std::vector<AttrDict> argAttrs, resultAttrs;
  AttrDict attrs;
  Location location;

  Value *addArgument(Type type, std::string hint, AttrDict attrs = {});
  /// The types of what `return` returns.
  std::vector<Type> resultTypes() const;
  /// The size symbols that occur in its arguments, results and ops, each once,
  /// sorted, but `runsSymbol`.
  std::vector<std::string> dimSymbols() const;
};

/// Whether a size symbol occurs in what stands behind `op` in `block`, or
/// anywhere in it if `op` is null.
bool hasSymbolsBehind(const Block &block, const Op *op);

struct Module {
  std::vector<std::unique_ptr<Function>> functions;
  Function *find(std::string_view name) const;
};

} // namespace nnc

#endif // NNC_IR_OP_H
