//===- ir/kernels/tensor_ref.h - Where a tensor's elements are ------------===//
#ifndef NNC_IR_KERNELS_TENSOR_REF_H
#define NNC_IR_KERNELS_TENSOR_REF_H

#include "ir/builder.h"

namespace nnc {

/// Element [i, j] of a tensor is at buffer[index(i, j)]. The index is written
/// over the symbols `at(0)`, `at(1)`, ... for the tensor's own axes, so that a
/// slice of a sequence is the sequence's buffer with one more subscript.
struct TensorRef {
  Value *buffer = nullptr;
  Shape index;

  static Dim at(int64_t axis) {
    return Dim::symbol("@" + std::to_string(axis));
  }
  /// The whole of a buffer.
  static TensorRef whole(Value *buffer);
  /// The element's place in the buffer.
  Shape resolve(const Shape &element) const;
  /// The tensor that is this one at a fixed place of `axis`.
  TensorRef slice(int64_t axis, const Dim &place) const;
  /// The tensor is its buffer, in order.
  bool isWhole() const;
  /// It is the same elements in each turn of the loops around.
  bool isFixed() const;
};

/// The row-major place of an element, in elements.
Dim linearOffset(const Type &buffer, const Shape &index);

} // namespace nnc

#endif // NNC_IR_KERNELS_TENSOR_REF_H
