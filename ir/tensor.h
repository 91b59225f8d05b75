//===- ir/tensor.h - A tensor's value, for reference and for constants ----===//
#ifndef NNC_IR_TENSOR_H
#define NNC_IR_TENSOR_H

#include "ir/type.h"

#include <cstdint>
#include <vector>

namespace nnc {

using Extents = std::vector<int64_t>;

/// An element and how far a compiled one may lie from it: ir/error_bound.h.
struct Element {
  double value = 0, bound = 0;
};

/// Dense, row major. Every element type is held as double: exact for bool,
/// i32, f32, f64 and for i64 up to 2^53.
struct Tensor {
  Elem elem = Elem::F64;
  Extents shape;
  std::vector<double> data;
  std::vector<double> bound; ///< Of each element; empty: all are exact.

  Tensor() = default;
  Tensor(Elem elem, Extents shape, double fill = 0)
      : elem(elem), shape(std::move(shape)), data(count(this->shape), fill) {}

  static int64_t count(const Extents &shape) {
    int64_t product = 1;
    for (int64_t extent : shape)
      product *= extent;
    return product;
  }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t size() const { return static_cast<int64_t>(data.size()); }

  /// The place of an element in `data`.
  int64_t offset(const Extents &index) const {
    int64_t place = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis)
      place = place * shape[axis] + index[axis];
    return place;
  }
  double &at(const Extents &index) { return data[offset(index)]; }
  double at(const Extents &index) const { return data[offset(index)]; }

  double boundAt(int64_t i) const { return bound.empty() ? 0 : bound[i]; }
  Element element(int64_t i) const { return {data[i], boundAt(i)}; }
  void set(int64_t i, Element element) {
    if (element.bound != 0 && bound.empty())
      bound.resize(data.size());
    data[i] = element.value;
    if (!bound.empty())
      bound[i] = element.bound;
  }
};

/// Steps `index` to the next element in row-major order; false after the last.
bool advance(Extents &index, const Extents &shape);

} // namespace nnc

#endif // NNC_IR_TENSOR_H
