//===- ir/kernels/lane_region.h - Nests whose images go into lanes --------===//
#ifndef NNC_IR_KERNELS_LANE_REGION_H
#define NNC_IR_KERNELS_LANE_REGION_H

#include "ir/kernels/loop_builder.h"
#include "ir/kernels/nest.h"
#include "ir/pass.h"

#include <map>

namespace nnc {

/// Whether a map's first entry is `axis`, that of the batch.
bool isOfImages(const Shape &map, const std::string &axis);
/// A nest over the images of groups of 16, in the lanes; its body stays. `axis`
/// is that of the groups then.
Nest inLanes(Nest nest, const std::string &axis);
/// That of a tensor of images, likewise.
Type inLanes(const Type &type);
/// The image of group `axis` in the lane in hand.
Dim imageInLane(const std::string &axis);

/// The nests around a product that go from image to image, as it does: see Note
/// [Images in the lanes].
class LaneRegion {
public:
  /// Whether the op is a product of images and small weights, whose batch is
  /// known or expected to fill a group.
  static bool isSeed(Op &op, const AttrDict &expected, const Machine &machine);

  explicit LaneRegion(Op &seed);

  const std::vector<Op *> &nests() const { return members; }
  bool contains(Op *op) const { return axes.contains(op); }
  const std::string &axisOf(Op *op) const { return axes.at(op); }
  /// Whether it is known that all groups are full.
  bool isWhole() const {
    return batch.isConstant() && batch.value() % lanes == 0;
  }

private:
  void addNeighbours(Value *value);
  void add(Op *op, const Shape &map);
  bool mayJoin(const Nest &nest, const std::string &axis) const;
  bool readsOtherImages(Op *op) const;
  bool addsZeros(Op *op) const;
  bool isZeroBeyond(Value *value, int64_t depth) const;
  bool givesZero(const Nest &nest, const std::string &axis,
                 int64_t depth) const;

  Dim batch;
  std::vector<Op *> members;
  std::map<Op *, std::string> axes; ///< Of each member that of the batch.
};

} // namespace nnc

#endif // NNC_IR_KERNELS_LANE_REGION_H
