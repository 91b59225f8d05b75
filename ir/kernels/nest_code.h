//===- ir/kernels/nest_code.h - A nest whose buffers are known ------------===//
#ifndef NNC_IR_KERNELS_NEST_CODE_H
#define NNC_IR_KERNELS_NEST_CODE_H

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/nest.h"
#include "ir/kernels/tensor_ref.h"

#include <memory>
#include <optional>

namespace nnc {

/// What a nest loads and stores once buffers are known.
struct NestCode {
  std::vector<AxisRange> parallel, reduce;
  std::string combine;

  struct Access {
    TensorRef ref;
    Shape map; ///< Over the nest's axes.
    std::optional<double> fill = std::nullopt;
  };
  std::vector<Access> loads, stores;
  std::vector<std::pair<std::string, int64_t>> loaded;
  std::map<std::string, Dim> limits; ///< As of a nest.
  /// Few products are summed (Nest::isStencil): term by term, without a loop.
  bool isStencil = false;
  /// Reduced values are combined with what the stores' places hold already, one
  /// by one: the places may depend on the reduced axes.
  bool accumulates = false;
  /// Arguments: the loaded elements; yields an element for each store. Null:
  /// the first load is stored as it is.
  const Block *body = nullptr;
  /// What is done with a stencil's sums before they are stored: the stores are
  /// its own, and its load `sums` is they. Null: nothing.
  std::shared_ptr<const NestCode> then;
  size_t sums = 0;
};

/// Where in its buffer an access is, once the axes have their places.
Shape placeOf(const NestCode::Access &access, const AxisValues &at);

/// How many elements further an access is at the axis' next place: 0 to 4 along
/// the last axis of its buffer. Nothing if it moves in another way.
std::optional<int64_t> stepAlong(const NestCode::Access &access,
                                 const std::string &axis);

/// The entry of the access' index that alone hangs on the axis, the last one.
std::optional<Dim> lastAlong(const NestCode::Access &access,
                             const std::string &axis);

} // namespace nnc

#endif // NNC_IR_KERNELS_NEST_CODE_H
