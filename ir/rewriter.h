//===- ir/rewriter.h - How rules change the IR ----------------------------===//
//
// A rule looks at one op (its root) and at what its operands come from, and
// either declines or replaces the root. The driver keeps a list of ops to look
// at, applies the rules of each until none fits, and looks again at whatever a
// change may concern. A rule never calls the driver, nor another rule.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_REWRITER_H
#define NNC_IR_REWRITER_H

#include "ir/builder.h"
#include "ir/rewrite_log.h"

#include <span>
#include <unordered_set>
#include <vector>

namespace nnc {

class Rewriter;

/// True if the rule changed something; it did so through the rewriter only.
struct RewriteRule {
  std::string_view name; ///< "neg-neg"; no two rules or passes share one.
  std::string_view root; ///< The op's name; empty: every op.
  std::string_view doc;  ///< "neg (neg x) = x"
  bool (*apply)(Op &op, Rewriter &rewriter);
};

/// Applies rules until none fits, last ops of the regions included; ops that
/// nobody uses any more go away. True if anything changed. `log` may be null.
bool rewrite(Function &function,
             std::span<const std::span<const RewriteRule>> groups,
             RewriteLog *log);

class Rewriter {
public:
  /// Makes an op just before the root.
  Value *op(std::string_view name, std::initializer_list<Value *> operands,
            AttrDict attrs = {}, std::initializer_list<Type> stated = {});
  Value *op(std::string_view name, std::span<Value *const> operands,
            AttrDict attrs = {}, std::span<const Type> stated = {});
  /// A tensor whose every element is `value`.
  Value *constant(double value, Type type);

  /// Puts `value` in the place of the root's one result. Always true, so that
  /// a rule can end with it.
  bool replace(Op &root, Value *value);
  /// Takes an op without uses away, and then what only it used.
  void erase(Op &op);

private:
  friend bool rewrite(Function &, std::span<const std::span<const RewriteRule>>,
                      RewriteLog *);
  explicit Rewriter(Function &function);
  void push(Op *op);
  void pushUsers(const Op &op);
  void collect(Block &block);
  bool eraseIfDead(Op &op);
  Remark remarkOn(const RewriteRule &rule) const;

  Op *root = nullptr;
  std::vector<Op *> made;    ///< By the rule at work.
  std::vector<Op *> waiting; ///< The last one is next; may hold erased ops.
  std::unordered_set<Op *> present;
};

// What rules ask.

/// The op that makes operand `i`, if it is a `name`; else null.
Op *operandOp(const Op &op, int64_t i, std::string_view name);
/// The value of every element, if `value` is a constant with one value.
std::optional<double> splatOf(const Value *value);
/// True if every element of the value is `wanted`, with its sign if it is a
/// zero.
bool isSplat(const Value *value, double wanted);
/// True if it is a constant that is marked as a frozen weight.
bool isFrozen(const Value *value);

} // namespace nnc

#endif // NNC_IR_REWRITER_H
