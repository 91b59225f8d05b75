//===- ir/kernels/vector_axis.h - Along which axis vectors lie ------------===//
#ifndef NNC_IR_KERNELS_VECTOR_AXIS_H
#define NNC_IR_KERNELS_VECTOR_AXIS_H

#include "ir/kernels/nest_code.h"
#include "ir/kernels/vector_places.h"

namespace nnc {

struct VectorAxis {
  std::string name;         ///< Empty: one element at a time.
  VectorPlaces places = {}; ///< If lanes are spread.
  bool isReduced = false;   ///< Its lanes are combined last.
};

/// The last parallel axis along which every store is contiguous and all that is
/// loaded and computed follows from the lane; else the last reduced axis, if
/// what is loaded lies along it.
VectorAxis chooseVectorAxis(const NestCode &code);

} // namespace nnc

#endif // NNC_IR_KERNELS_VECTOR_AXIS_H
