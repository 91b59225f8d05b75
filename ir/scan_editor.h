//===- ir/scan_editor.h - Gives a scan other operands and results ---------===//
#ifndef NNC_IR_SCAN_EDITOR_H
#define NNC_IR_SCAN_EDITOR_H

#include "ir/scan.h"

#include <functional>

namespace nnc {

/// Takes a scan apart, lets its lists and its body be changed, and puts it
/// together anew.
class ScanEditor {
public:
  struct Carry {
    Value *start;
    Value *argument; ///< Of the body.
    Value *next;     ///< In the body.
    Value *result;   ///< Of the scan as it was; null if it is new.
  };
  struct Sequence {
    Value *operand;
    int64_t axis;
    Value *argument;
  };
  struct Invariant {
    Value *operand, *argument;
  };
  struct Stacked {
    Value *value; ///< In the body.
    int64_t axis;
    Value *result = nullptr; ///< As of a carry.
  };

  explicit ScanEditor(Op &scan);

  /// A new argument of the body, for a new entry of a list.
  Value *addArgument(Type type, std::string hint) {
    return scan.region().addArgument(std::move(type), std::move(hint));
  }
  /// A new argument for a value from outside, which is the same in each turn.
  Value *invariant(Value *operand);

  /// Puts `other` in the place of a value of the body.
  void replace(Value *value, Value *other);

  bool isStacked(const Value *value) const;

  /// Makes the scan of the lists just before the old one, of which it takes the
  /// body; what leads nowhere is left out. Gives the new results of `stacked`.
  /// The caller replaces the results of entries that it dropped, and erases the
  /// old scan.
  std::vector<Value *> finish();

  Op &scan;
  const Dim length;
  const bool reverse, until, masked;
  std::vector<Carry> carries;
  std::vector<Sequence> sequences; ///< The mask is the last.
  std::vector<Invariant> invariants;
  std::vector<Stacked> stacked;

private:
  void dropUnused();
  Value *isLast = nullptr; ///< What `until` hangs on.
};

/// Calls `visit` with each scan of a block, those inside another one first;
/// `visit` may put others in their place.
void forEachScan(Block &block, const std::function<void(Op &scan)> &visit);

/// An index that no list of a `contract` with these attributes has.
std::string freshIndex(const AttrDict &contraction);

} // namespace nnc

#endif // NNC_IR_SCAN_EDITOR_H
