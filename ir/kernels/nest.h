//===- ir/kernels/nest.h - A nest op, taken apart -------------------------===//
#ifndef NNC_IR_KERNELS_NEST_H
#define NNC_IR_KERNELS_NEST_H

#include "ir/kernels/lowering.h"

#include <functional>
#include <map>
#include <string>

namespace nnc {

/// The attributes of a `nest` op in a form that is easy to work with. Changes
/// reach the op by `write`.
struct Nest {
  explicit Nest(Op *op);
  void write() const;

  Op *op;
  std::vector<NestAxis> parallel, reduce;
  std::string combine;
  std::vector<Shape> maps, results;
  std::vector<std::optional<double>> fill;
  std::vector<std::pair<std::string, int64_t>> loaded;
  std::map<std::string, Dim> limits; ///< Of loaded symbols that no map has.
  bool into;

  Block &body() const { return op->region(); }
  Op *yield() const { return body().terminator(); }
  int64_t loadCount() const { return static_cast<int64_t>(maps.size()); }

  bool isReduction() const { return !reduce.empty(); }
  /// Sums products of two loaded elements, of which one serves several sums.
  bool isContraction() const;
  /// A contraction that slides a small window along one operand, whose elements
  /// serve one row alone: a depthwise convolution. To pack each window, as a
  /// product does, would take longer than to sum it.
  bool isStencil() const;
  /// A contraction along rows of two images, of which one is shifted by a small
  /// window, as in the gradient of a convolution's weights: with the window's
  /// places as columns a product would fill few lanes, and copy each element
  /// for each of them.
  bool isCorrelation() const;
  /// One along 16 images in the lanes of vectors.
  bool isCorrelationInLanes() const;
  /// Whether a window slides along the entry of a map.
  bool slides(const Dim &entry) const;
  /// Which operand of a contraction that may leave out products by zero is a
  /// small matrix of known numbers that transforms vectors of the other one, as
  /// in Winograd's convolution: each sum is then written out
  /// (kernels/transform_loops.h). Nothing if none is.
  std::optional<int64_t> transformMatrix() const;
  /// Runs on the tiles of a matrix product.
  bool isProduct() const {
    return isContraction() && !isStencil() && !isCorrelation() &&
           !transformMatrix();
  }
  /// A product of few columns and terms, of known number: to pack an operand
  /// and to call the micro-kernel would take longer than to sum.
  bool isSmallProduct() const;
  /// A product of windows of 16 images in the lanes of vectors, of which what
  /// lies outside can be left out: see Note [Images in the lanes]. To call the
  /// micro-kernel for one place takes longer, and of some together none could
  /// leave out what lies outside for it alone.
  bool isProductInLanes() const;
  /// Each result is a loaded element, unchanged, if nothing is reduced.
  bool isCopy() const;
  const NestAxis *findParallel(std::string_view name) const;
  bool reduces(std::string_view name) const;

  using AxisNames = std::map<std::string, std::string, std::less<>>;
  /// Gives axes other names, everywhere and all at once.
  void renameAxes(const AxisNames &names);
  /// Replaces axis symbols in every map and in the body's `axis` ops.
  void substitute(const Dim::Lookup &lookup);
};

/// The elements of a tensor, if it is a constant: also seen from inside of a
/// kernel.
const std::vector<double> *elementsOf(const Value *value);

/// Whether `second`, which reads results of `first`, had better stay a loop of
/// its own: a function such as exp is a chain of some thirty instructions, each
/// of which waits for the one before. A processor works on the next elements in
/// the meantime, but sees a few hundred instructions ahead: with several such
/// functions that wait for one another in one loop it idles half of the time
/// (three gelus of a million numbers: 5.2 ms; one by one, through L1, 2.6).
bool waitTooLong(const Nest &first, const Nest &second);

/// How many such functions a body has.
int64_t functionCount(const Block &body);

/// Replaces symbols in every Dim of an attribute, lists and dictionaries too.
Attr substituteAttr(const Attr &attr, const Dim::Lookup &lookup);
/// Does so in the values of every `axis` op of a body.
void substituteBody(Block &body, const Dim::Lookup &lookup);

} // namespace nnc

#endif // NNC_IR_KERNELS_NEST_H
