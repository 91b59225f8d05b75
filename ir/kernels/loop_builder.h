//===- ir/kernels/loop_builder.h - Makes loop IR --------------------------===//
#ifndef NNC_IR_KERNELS_LOOP_BUILDER_H
#define NNC_IR_KERNELS_LOOP_BUILDER_H

#include "ir/builder.h"
#include "ir/kernels/kept.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace nnc {

/// Lanes of every vector, on every instruction set: so results do not depend
/// on the machine.
inline constexpr int64_t lanes = 16;

/// An axis of a nest, restricted to [start, start + extent).
struct AxisRange {
  std::string name;
  Dim start, extent;
  /// If extent hangs on a loop's index: a bound that does not, for the size of
  /// memory.
  std::optional<Dim> bound = std::nullopt;
  int64_t multiple = 1; ///< Divides start.

  Dim most() const { return bound.value_or(extent); }
};

/// What each nest axis is in terms of the loops around.
using AxisValues = std::map<std::string, Dim, std::less<>>;
Dim::Lookup lookupIn(const AxisValues &values);

class LoopBuilder {
public:
  explicit LoopBuilder(Builder &builder) : builder(builder) {}

  Builder &builder;

  /// A symbol that no other loop has, nor any axis of a nest: "b.0", "b.1", ...
  std::string fresh(const std::string &name);

  struct Bounds {
    Dim from, to;
    int64_t step = 1;
    bool parallel = false;
    bool reverse = false;
    bool until = false; ///< The body gives a bool too, last.
    Dim alternate = 0;  ///< See `for`.
  };
  /// A loop; `body` is called with its index while the insertion point is
  /// inside. No loop is made for a single turn, unless it is parallel.
  void loop(const std::string &name, const Bounds &bounds,
            const std::function<void(const Dim &index)> &body);
  /// A loop that carries values; `body` gives the next ones.
  using Values = std::vector<Value *>;
  Values carry(const std::string &name, const Bounds &bounds, Values first,
               const std::function<Values(const Dim &index, Values)> &body);

  /// Thread-local memory for the kernel in hand.
  Value *scratch(Elem elem, Shape shape);
  /// The next kernel's scratch memory starts anew.
  void endKernel();

  /// The innermost loop whose turns follow one another, while its body is made.
  struct Turns {
    Dim index; ///< 0 in the first turn.
    Dim place; ///< Of the turn's part of each sequence.
    Dim length;
    std::set<const Value *> fixed; ///< Buffers that no turn changes.
    Op *loop = nullptr;
  };
  /// Null: there is none, or the first turn may be left out.
  Turns *turns = nullptr;
  /// Runs `body` with other turns. What it holds is free again when no loop of
  /// this kind is around.
  void inTurns(Turns *next, const std::function<void()> &body);
  /// How many loops of this kind are around.
  int64_t turnDepth() const { return depth; }
  /// Thread-local memory that keeps what the first turn leaves there.
  Value *heldScratch(Elem elem, Shape shape);
  void inFirstTurn(const std::function<void()> &body);

  /// Makes memory that all threads see, for the kernel in hand.
  std::function<Value *(const Type &type)> shared;

  /// Null: nothing stays from run to run.
  Kept *kept = nullptr;
  /// `body` makes what the first `count` runs with the same weights, one or
  /// two, do before all else, and then all threads wait. What it reads must be
  /// of weights alone, and come by way of `inFront`.
  void inFirstRuns(int64_t count, const std::function<void()> &body);
  /// The same memory, named there.
  TensorRef inFront(TensorRef ref);

  /// The bytes of scratch memory that the kernels need. What is held comes
  /// behind what kernels share.
  Dim finishScratch();

private:
  std::map<std::string, int64_t> nameCounts;
  Dim used = 0, most = 0, held = 0, mostHeld = 0;
  int64_t depth = 0; ///< Loops whose turns follow one another, around.
  std::vector<Op *> heldAllocs;
  std::map<int64_t, Op *> runLoops; ///< By their count.
};

} // namespace nnc

#endif // NNC_IR_KERNELS_LOOP_BUILDER_H
