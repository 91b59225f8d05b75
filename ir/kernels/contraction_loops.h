//===- ir/kernels/contraction_loops.h - A product as micro-kernel calls ---===//
//
// The second operand is packed into panels of 16 columns, [N/16][K][16], which
// takes strides, transposition and padding out of it; where the product has too
// few rows for that to pay, it is read in place; the rows of a small image are
// packed one behind the other (contraction_packs.cpp). The windows of a
// convolution are not packed where they can be read in a copy of the image
// (contraction_windows.cpp). The first operand is
// read in place if its addresses are affine, unless it lies transposed. What
// lies around an image is not multiplied (contraction_inside.cpp). The
// micro-kernel (`brgemm`) writes a tile of full panels into scratch memory,
// from where later nests take it.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_CONTRACTION_LOOPS_H
#define NNC_IR_KERNELS_CONTRACTION_LOOPS_H

#include "ir/kernels/contraction.h"
#include "ir/kernels/nest_loops.h"

namespace nnc {

/// One of several tensors that lie one behind the other.
struct PartOf {
  Dim place, count;
};

/// B in panels, in memory that stays from run to run, from `start` on; see Note
/// [What hangs on weights alone].
struct PackedAhead {
  Value *panels;
  Dim start;
};

class ContractionLoops {
public:
  /// `a` and `b` are where the operands are; `ranges` says what part of each
  /// parallel axis the tile covers.
  ContractionLoops(LoopBuilder &loops, const Nest &nest,
                   std::vector<TensorRef> operands,
                   std::vector<AxisRange> ranges);

  /// Emits the packing of B for the tile, if it is packed. Needs only the
  /// axes of B. Must come before `multiply`. `once`: what is packed is the same
  /// in each turn of the loop around the kernel.
  void packB(bool once);
  /// In its place, before all loops: the whole of B, of which each thread packs
  /// some panels; then they wait.
  void packTogether();
  /// Copies the tile's rows of A, if they are copied, before the loop over
  /// columns. In `multiply` if not here.
  void packAOnce();
  /// Packs the whole of B in the first runs; nothing if it is not packed so.
  std::optional<PackedAhead> packAhead(const std::optional<PartOf> &part);
  /// In the place of `packB`.
  void usePacked(const PackedAhead &ahead);
  /// Moves on to a tile further in, whose operands and ranges are these.
  void setTile(std::vector<TensorRef> operands, std::vector<AxisRange> ranges);
  /// In the place of `packB`: `multiply` goes through the summed axes in parts
  /// of so many places, and packs B for each. See Note [Long sums].
  void sumInParts(const AttrDict &parts);
  /// The scratch tile that `multiply` writes, as a tensor over the axes of the
  /// result's map, in the order in which they occur there.
  void allocate();
  /// In its place: the product goes to this memory itself, if it has room for
  /// whole panels; else false.
  bool writeTo(const TensorRef &to);
  /// What will be read where the result is, as soon as that is there, is
  /// brought nearer meanwhile; see Note [Read beside a product].
  void bring(const TensorRef &ref, const Shape &map);
  void multiply();
  const TensorRef &tile() const { return result; }

private:
  struct Linear {
    Dim offset, row;
    std::vector<Dim> reduce;
  };
  const AxisRange &range(const std::string &name) const;
  Dim extentOf(const std::string &name) const;
  Dim mostOf(const std::string &name) const;
  Dim startOf(const std::string &name) const;
  std::optional<Linear> linear(const TensorRef &ref, const Shape &map,
                               const std::string &moving) const;
  Dim columnsInPlace() const;
  bool mayJoinRows() const;
  void chooseJoins();
  bool isJoined(const std::string &axis) const;
  Dim lengthOf(const std::string &axis) const;
  bool copyImage();
  AxisValues places() const;
  NestCode::Access withEdges();
  void packRows();
  std::vector<size_t> panelOrder() const;
  std::vector<Dim> panelStrides() const;
  Type panelsType() const;
  /// What packs some panels.
  NestCode packing(const AxisRange &panels, Shape to = {}) const;
  /// The columns of the product, and a bound of them that hangs on no loop.
  Dim columns() const { return columnsBy(&ContractionLoops::extentOf); }
  Dim mostColumns() const { return columnsBy(&ContractionLoops::mostOf); }
  using ExtentOf = Dim (ContractionLoops::*)(const std::string &) const;
  Dim columnsBy(ExtentOf extent) const;
  bool packsA() const;
  Dim rowsPacked() const;
  void packA(const AxisValues &at);
  void callKernel(const AxisValues &at, const Dim &rows);
  void callInside(AxisValues at);
  void multiplyPart();
  std::vector<AxisRange> reduceRanges() const;
  void startSums(AxisValues &at) const;
  Dim startOfSums(const Linear &address) const;
  /// See Note [What lies around an image].
  bool isInCall(const std::string &axis) const;
  struct Edge {
    Dim entry;                     ///< Of the operand's map.
    Dim extent;                    ///< Of the operand along it.
    Dim first = -1, last = extent; ///< What the whole nest reads.
  };
  bool hasEdges(int64_t operand) const;
  std::vector<Edge> edges(int64_t operand) const;
  bool needsFill(int64_t operand) const;
  void clip(std::vector<AxisRange> &sums, const Edge &edge,
            const AxisValues &at) const;
  bool leavesMuchOut() const;
  std::vector<AxisRange> sumsInside(const AxisValues &at) const;
  AxisRange rowsInside(const Dim &r) const;

  LoopBuilder &loops;
  const Nest &nest;
  ContractionRoles role;
  std::optional<RowEnds> ends;
  std::vector<TensorRef> operands;
  std::vector<AxisRange> ranges;
  std::vector<AxisRange> summed; ///< The part of the summed axes in hand.
  AttrDict parts;                ///< See sumInParts.
  Dim gone = 0; ///< Not 0 if terms of the sums have gone before.
  Dim packedStart;               ///< The first column of packedB.
  Dim aheadStart;                ///< PackedAhead::start
  bool isAhead = false;
  /// See Note [Rows that are joined].
  bool joinsRows = false, joinsImages = false;
  Dim rowLength; ///< Columns from a joined row to the next.
  /// See Note [Windows that are not packed]: the nest's load from the copy,
  /// which is packedB.
  NestCode::Access image;
  TensorRef result;
  struct Beside {
    Value *buffer;
    Dim place, row;
  };
  std::vector<Beside> beside; ///< Of what is brought.
  std::optional<Dim> direct;  ///< The place in its own memory: writeTo.
  std::vector<std::string> resultAxes; ///< Of the tile, as a tensor.
  std::vector<std::string> tileAxes;   ///< For each axis of its memory.
  Value *packedA = nullptr, *packedB = nullptr;
};

} // namespace nnc

#endif // NNC_IR_KERNELS_CONTRACTION_LOOPS_H
