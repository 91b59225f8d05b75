#include "ir/memory.h"

namespace nnc {

Memory::Memory(Kind kind, Extents shape, const Team &team)
    : block(std::make_shared<Block>()), extents(std::move(shape)) {
  block->kind = kind;
  block->madeBy = team.thread();
  block->cells.resize(Tensor::count(extents));
}

Memory Memory::withShape(Extents shape) const {
  Memory view = *this;
  view.extents = std::move(shape);
  return view;
}

const char *Memory::read(int64_t place, const Team &team, Element &element) {
  Cell &cell = block->cells[place];
  int64_t thread = team.thread();
  bool isForeign = cell.writer != nobody && cell.writer != thread;
  if (isGone(team))
    return "is of scratch memory that ended at a barrier";
  if ((block->kind == Scratch || block->kind == Held) && isForeign &&
      Team::isTurn(cell.writer))
    return "was written by another turn in its own thread's scratch memory";
  if (block->kind == Shared && isForeign && team.runsBeside(cell.writer))
    return "was written by another thread since the last barrier";
  bool hasOtherReader = cell.reader != nobody && cell.reader != thread &&
                        team.runsBeside(cell.reader);
  cell.reader = hasOtherReader ? team.lastBarrier() : thread;
  element = cell.element;
  return nullptr;
}

const char *Memory::write(int64_t place, const Team &team, Element element) {
  Cell &cell = block->cells[place];
  int64_t thread = team.thread();
  auto isBeside = [&](int64_t other) {
    return other != nobody && other != thread && team.runsBeside(other);
  };
  if (block->kind == Constant)
    return "is a constant";
  if (isGone(team))
    return "is of scratch memory that ended at a barrier";
  if (block->kind == Shared && !team.inTurn())
    return "is written by all threads";
  if (block->kind == Shared && isBeside(cell.writer))
    return "was written by another thread since the last barrier";
  if (block->kind == Shared && isBeside(cell.reader))
    return "was read by another thread since the last barrier";
  cell.writer = thread;
  cell.element = element;
  return nullptr;
}

} // namespace nnc
