//===- ir/kernels/window_copy.h - A part of an image, with its edges ------===//
#ifndef NNC_IR_KERNELS_WINDOW_COPY_H
#define NNC_IR_KERNELS_WINDOW_COPY_H

#include "ir/kernels/nest_loops.h"

namespace nnc {

/// How a load goes through its tensor for the places of some axes.
struct Window {
  Shape first; ///< The first element along each axis of the tensor.
  Shape count; ///< The elements along each.
  Shape most;  ///< A bound of these that hangs on no loop.

  /// Whether it may lie outside along an axis of the tensor, of that extent.
  bool leaves(size_t axis, const Dim &extent) const;
};

/// Nothing if the load does not go by steps that are known.
std::optional<Window> windowOf(const NestCode::Access &load,
                               std::span<const AxisRange> axes);

/// Emits a copy of the window to scratch memory of `shape`, which is at least
/// `most`; what lies outside the tensor becomes the load's fill, so that no
/// place in the copy has an edge. Gives the load from there.
NestCode::Access copyWindow(LoopBuilder &loops, const NestCode::Access &load,
                            const Window &window, const Shape &shape);

} // namespace nnc

#endif // NNC_IR_KERNELS_WINDOW_COPY_H
