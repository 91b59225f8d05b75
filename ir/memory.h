//===- ir/memory.h - Buffers, while loop IR is interpreted ----------------===//
#ifndef NNC_IR_MEMORY_H
#define NNC_IR_MEMORY_H

#include "ir/tensor.h"

#include <limits>
#include <memory>
#include <optional>

namespace nnc {

// Note [A turn is a thread]
// A team's threads divide the turns of a parallel loop among them; which turn
// falls to which thread hangs on how many they are. The interpreter takes one
// turn after the other and checks that no other division or order could give
// another result. To it every turn is a thread of its own, and what stands
// outside parallel loops is run by all threads alike:
//  - In shared memory, an element that one thread writes is neither read nor
//    written by another before both have met at a barrier. What all threads run
//    writes no shared memory.
//  - Of scratch memory each thread has its own: a thread reads what it wrote,
//    or what all threads wrote. It lasts until the next barrier.

/// Who runs, and who has met whom. See Note [A turn is a thread].
class Team {
public:
  /// A number that ascends: odd for a turn, even for all threads.
  int64_t thread() const { return now; }
  static bool isTurn(int64_t thread) { return thread % 2 != 0; }
  bool inTurn() const { return isTurn(now); }

  void beginTurn() { now += inTurn() ? 2 : 1; }
  void endTurns() { now += inTurn() ? 1 : 0; }
  void barrier() { metAt = now += 2; }
  /// Whether no barrier came since `thread` ran.
  bool runsBeside(int64_t thread) const { return thread >= metAt; }
  int64_t lastBarrier() const { return metAt; }

private:
  int64_t now = 0, metAt = 0;
};

/// Elements in memory, in a shape. Copies and views share the elements. What
/// has not been written is NaN.
class Memory {
public:
  /// Held: scratch memory that no barrier ends, but what takes its place.
  enum Kind { Shared, Scratch, Held, Constant };
  Memory(Kind kind, Extents shape, const Team &team);

  const Extents &shape() const { return extents; }
  int64_t size() const { return static_cast<int64_t>(block->cells.size()); }
  /// The same elements in another shape of as many.
  Memory withShape(Extents shape) const;

  /// An element, whoever wrote it.
  const Element &element(int64_t place) const {
    return block->cells[place].element;
  }
  void set(int64_t place, Element e) { block->cells[place].element = e; }

  /// For the thread that runs. They give what is wrong, in the form of a
  /// sentence about the access, or null.
  const char *read(int64_t place, const Team &team, Element &element);
  const char *write(int64_t place, const Team &team, Element element);

  /// Whoever reads or writes it from now on does wrong.
  void end() {
    block->kind = Scratch;
    block->madeBy = nobody;
  }

private:
  static constexpr int64_t nobody = -1;
  struct Cell {
    Element element{std::numeric_limits<double>::quiet_NaN()};
    /// The last ones. Several readers at once count as all threads.
    int64_t writer = nobody, reader = nobody;
  };
  struct Block {
    Kind kind;
    int64_t madeBy; ///< A thread of the team.
    std::vector<Cell> cells;
  };
  bool isGone(const Team &team) const {
    return block->kind == Scratch && !team.runsBeside(block->madeBy);
  }

  std::shared_ptr<Block> block;
  Extents extents;
};

} // namespace nnc

#endif // NNC_IR_MEMORY_H
