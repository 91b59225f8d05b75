//===- ir/kernels/contraction.h - The roles of a product's axes -----------===//
#ifndef NNC_IR_KERNELS_CONTRACTION_H
#define NNC_IR_KERNELS_CONTRACTION_H

#include "ir/kernels/nest.h"

namespace nnc {

/// A contraction seen as C[m, n] = sum over k of A[m, k] * B[k, n]. `n` is the
/// last axis of the result that has several places; B is the operand that it
/// indexes. An axis that both operands have is a batch axis; of those that only
/// A has, the last is `m`.
struct ContractionRoles {
  explicit ContractionRoles(const Nest &nest);

  int64_t a = 0, b = 1; ///< Which operand is A, which B.
  std::string m, n;     ///< Empty: the extent is 1.
  std::vector<std::string> batch;
  std::vector<std::string> outer; ///< Other axes of A.
  /// One of `batch`, of B alone, or empty: the rows of an image whose columns
  /// are `n`. Some rows together may be taken for one long one; and if these
  /// are all of an image, so may those of some `images`, likewise of B alone,
  /// in which they lie one behind the other.
  std::string wide, images;
};

/// Whether the rows of A are neighbours in memory, and columns are enough to
/// pay for a copy: see Note [Rows that lie side by side].
bool hasRowsSideBySide(const Nest &nest, const ContractionRoles &roles);

/// How many sums of a small product are taken together. Eight keep two
/// multiply-adders busy that take 4 cycles each; as many as registers hold
/// would be no faster, and longer to compile in each layer of a deep network.
inline constexpr int64_t sumsTogether = 8;
/// The same with images in the lanes: each element of a window that is loaded
/// serves so many.
inline constexpr int64_t sumsInLanes = 16;

/// Whether B is read where it lies, whatever the number of rows: each product
/// of a batch has a B of its own, of whole panels, whose rows are neighbours
/// and stay in the cache.
bool readsInPlace(const Nest &nest, const ContractionRoles &roles);

/// A is an image, and its rows are places along one axis of that, of which each
/// place of one summed axis, but for one, reads some outside: see Note [The ends
/// of an image's rows].
struct RowEnds {
  Dim entry;      ///< Of the map of A.
  int64_t extent; ///< Of the image along it.
  size_t summed;  ///< Which summed axis.
  int64_t first;  ///< A place of that for which all rows lie inside.
  double inside;  ///< The share of all products that are inside.
};

/// Nothing if A has no such ends, or if they are too few to leave them out.
std::optional<RowEnds> rowEnds(const Nest &nest, const ContractionRoles &roles);

/// The share of products that lie inside an operand along an axis; 1 if that is
/// not known.
double shareInside(const Nest &nest, int64_t operand, const std::string &axis);

/// From where to where r may go for e + step * r to lie inside of an axis, for
/// some e from `least` to `most`: see Note [What lies around an image].
std::pair<Dim, Dim> placesInside(int64_t step, const Dim &least,
                                 const Dim &most, const Dim &extent);

/// If B is an image of which windows had better be read where they are, the
/// elements from one of its rows to the next in a copy with edges: see Note
/// [Windows that are not packed].
std::optional<int64_t> windowRow(const Nest &nest,
                                 const ContractionRoles &roles);

} // namespace nnc

#endif // NNC_IR_KERNELS_CONTRACTION_H
