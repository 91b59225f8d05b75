//===- ir/kernels/product_places.h - Rows of images as a product's columns ===//
#ifndef NNC_IR_KERNELS_PRODUCT_PLACES_H
#define NNC_IR_KERNELS_PRODUCT_PLACES_H

#include "ir/kernels/contraction.h"
#include "ir/pass.h"

namespace nnc {

/// How many rows of an image are taken together: those with which the panels
/// are fullest and a large A is read seldom. At least two turns are left for
/// threads, if there is no other axis to share and enough to do: half a million
/// multiply-adds take 10 us.
int64_t rowsTogether(const Nest &nest, const ContractionRoles &roles,
                     const Machine &machine, int64_t columnBytes,
                     int64_t columnTile, const AttrDict &expected);

/// How many images of so few pixels are taken together that even all of one
/// fill few panels: as many as fill them best, while their packed windows stay
/// in L2. At least two turns are left for threads. 1: the images are not small.
int64_t imagesTogether(const Nest &nest, const ContractionRoles &roles,
                       const Machine &machine, int64_t columnBytes,
                       const AttrDict &expected);

/// Has the same row of some images as one long row of the product, and their
/// other rows as turns around it, if enough of the window lies above or below
/// the image for that to pay: it is then left out (Note [What lies around an
/// image]). Whether it does.
bool putRowsApart(Nest &nest, const AttrDict &expected);

} // namespace nnc

#endif // NNC_IR_KERNELS_PRODUCT_PLACES_H
