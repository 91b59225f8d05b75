//===- ir/kernels/product_columns.h - The columns of a product in a turn --===//
#ifndef NNC_IR_KERNELS_PRODUCT_COLUMNS_H
#define NNC_IR_KERNELS_PRODUCT_COLUMNS_H

#include "ir/kernels/contraction.h"
#include "ir/pass.h"

namespace nnc {

/// The likely value of a size. A function may state what it expects,
/// `{expected = {B = 64}}`; another size is taken for 64. Only speed hangs on
/// it.
int64_t estimate(const Dim &dim, const AttrDict &expected);

/// Rows are reduced in turns of about as many elements.
inline constexpr int64_t pointsInTurn = 4096;

/// Multiply-adds that take 10 us: for fewer, threads would wait for each other
/// longer.
inline constexpr int64_t littleWork = 1 << 19;

/// How many columns of a product a turn of its kernel takes.
struct ProductColumns {
  ProductColumns(const Nest &nest, const ContractionRoles &roles,
                 const Machine &machine, const AttrDict &expected);

  int64_t count = 1; ///< Of the product, if that is known.
  AttrDict parts;    ///< See sumParts.
  int64_t bytes;     ///< Of a column of B, or of a part of one.
  int64_t tile;
  /// The whole of B is packed once, before the loops over rows and columns.
  bool packsWhole;
  /// It is more than half of L2, but is packed once by all threads together:
  /// for each part of the columns the rows of A would be copied again.
  bool packsTogether;
};

/// A recurrence's weights are the same in each turn: threads share their
/// columns, so that each one's stay in its own cache, where there are too few
/// rows to share. 0: they do not. A share of 128 KB is read from L2 in about a
/// microsecond; smaller ones would take hardly longer than to wait for them.
int64_t columnsOfShare(const Op &kernel, const Nest &nest,
                       const ContractionRoles &roles, const Machine &machine,
                       const ProductColumns &columns);

/// Of a B that each thread would pack whole in each run: threads share its
/// columns, where A is read as it lies. 0: they do not.
int64_t columnsPackedApart(const Op &kernel, const Nest &nest,
                           const ContractionRoles &roles,
                           const Machine &machine,
                           const ProductColumns &columns,
                           const AttrDict &expected);

} // namespace nnc

#endif // NNC_IR_KERNELS_PRODUCT_COLUMNS_H
