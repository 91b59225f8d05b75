//===- ir/kernels/winograd_nests.h - Winograd's convolution as nests ------===//
//
// Note [Winograd]
// A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks"
// (arXiv 1509.09308), F(4x4, 3x3): with w a kernel of 3 x 3 and d the 6 x 6
// elements of an image that 4 x 4 neighbouring places of the result read,
//   y = A^T ((G w G^T) * (B^T d B)) A,
// where * multiplies element by element: 36 products in the place of 144.
// Summed over channels c they become 36 matrix products, and with p and q the
// tile of 4 x 4 places:
//   u[6i + j, k, c]       = G w G^T
//   v[6i + j, b, c, p, q] = B^T d B, first along rows, then along columns
//   m[6i + j, b, k, p, q] = sum over c of u[6i + j, k, c] v[6i + j, b, c, p, q]
//   y[b, k, 4p + m, 4q + n] = A^T m A, first along columns, then along rows
// What stands behind the end of the result is computed and left alone.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_IR_KERNELS_WINOGRAD_NESTS_H
#define NNC_IR_KERNELS_WINOGRAD_NESTS_H

#include "ir/conv_rules.h"
#include "ir/kernels/lowering.h"
#include "ir/rewrite_log.h"

#include <map>

namespace nnc {

/// Into what the result for an image is divided.
struct WinogradTiles {
  static constexpr int64_t kernel = 3; ///< All three along each axis.
  static constexpr int64_t places = 4; ///< Of the result, in a tile.
  static constexpr int64_t window = 6; ///< What these read of the image.
  static constexpr int64_t elements = window * window;

  /// As many as cover the result and fill whole vectors.
  WinogradTiles(int64_t rows, int64_t columns);
  int64_t count() const { return down * across; }

  int64_t down, across;
};

/// Builds the nests of a convolution: 3 x 3, of stride 1 and one group, with
/// sizes that are known but for the batch.
class WinogradNests {
public:
  /// They stand before `place`.
  WinogradNests(const Op &conv, Op &place);

  /// v.
  Value *transformedImage();
  /// u, of its weights, or of those of several such layers, by a first axis.
  Value *transformedWeights(Value *w);
  /// y.
  Value *result(Value *u, Value *v);

  /// What all nests so far take: zeros of a matrix add nothing.
  const Work &work() const { return taken; }

private:
  Dim at(char axis) const;
  Value *products(Value *u, Value *v);
  Value *transformedResult(Value *m);
  Value *withoutRest(Value *y);
  Value *nest(std::string_view parallel, std::string_view reduce,
              std::vector<NestOperand> operands, const Shape &result,
              const Shape &map);
  Value *constant(const std::vector<double> &elements, const Shape &shape);
  void count(const NestSpec &spec);

  const rules::ConvShape shape;
  Value *const x;
  const Type type;
  const int64_t in, out; ///< Channels.
  const int64_t rows, columns;
  const WinogradTiles tiles;
  Builder builder;
  std::map<char, Dim> extents;
  Work taken;
};

} // namespace nnc

#endif // NNC_IR_KERNELS_WINOGRAD_NESTS_H
