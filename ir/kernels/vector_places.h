//===- ir/kernels/vector_places.h - Where lanes are by an index -----------===//
//
// The lanes of a vector are 16 places of an axis that follow one another. An
// index such as `floor(x/2)` is the same for two lanes each, and `x -
// 2*floor(x/2)` is 0 and 1 in turn, in each vector that begins at a multiple of
// 16. With thirds that is so for every third vector.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_VECTOR_PLACES_H
#define NNC_IR_KERNELS_VECTOR_PLACES_H

#include "ir/kernels/loop_builder.h"

namespace nnc {

/// The vectors of `axis` that begin at `first` plus a multiple of `period`.
struct VectorPlaces {
  std::string axis;
  int64_t period = lanes, first = 0;

  /// What each lane's index has more than that of the first lane; nothing if
  /// that hangs on which vector it is.
  std::optional<std::vector<int64_t>> offsets(const Dim &index) const;
  /// The first lane's index, if all these vectors have the same.
  std::optional<Dim> common(const Dim &index) const;
  /// One lane after the other has the same place or a later one, near enough
  /// for one vector to hold all of them.
  bool areSpread(const Dim &index) const;
  /// How many places the first `count` lanes have, if they are spread.
  Dim reach(const Dim &index, const Dim &count) const;

private:
  Dim inLane(const Dim &index, const Dim &lane) const;
};

} // namespace nnc

#endif // NNC_IR_KERNELS_VECTOR_PLACES_H
